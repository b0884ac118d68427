"""What a clerk does with keys: charges, redemptions, merchants, approvals. A desk is handed what it works on; it knows no folder and starts nothing."""
