"""The work of a clerk that needs keys: charges, redemptions, merchants, approvals. The caller passes the open books and the
keys; code here knows no folder and starts no process."""
