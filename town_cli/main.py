"""`bandai-town`: the command line of the town's staff. Every command has `--json`; commands/exits.py lists the exit
codes."""

import logging

from town_cli.commands.adopt_foreign import adopt_foreign
from town_cli.commands.approve_late import approve_late
from town_cli.commands.audit import audit_app
from town_cli.commands.auditor import auditor
from town_cli.commands.charge import charge
from town_cli.commands.charges import charges_app
from town_cli.commands.credentials import credentials_app
from town_cli.commands.dates import dates_app
from town_cli.commands.deploy import deploy
from town_cli.commands.doctor import doctor
from town_cli.commands.grammar import closing, program
from town_cli.commands.init import init
from town_cli.commands.keys import keys_app
from town_cli.commands.migrate import migrate
from town_cli.commands.program import program_app
from town_cli.commands.reconcile import reconcile
from town_cli.commands.report import report
from town_cli.commands.serve import serve
from town_cli.commands.settle import settle
from town_cli.commands.shops import merchants_app
from town_cli.commands.staff import staff_app
from town_cli.commands.tills import tills_app
from town_cli.commands.wallets import wallets_app

app = program(
    "bandai-town",
    "町の地域通貨の運営 / Runs a town's currency. "
    "表示は日本語、LANG=en で英語になります / Japanese, English with LANG=en.",
    epilog=closing(
        "bandai-town init program.toml --demo",
        "bandai-town deploy program.toml",
        "bandai-town serve",
        "bandai-town doctor",
    ),
)
_COMMANDS = (
    (init, "bandai-town init program.toml --code 074071 --name 磐梯町"),
    (deploy, "bandai-town deploy program.toml --node http://127.0.0.1:8545"),
    (migrate, "bandai-town migrate"),
    (serve, "bandai-town serve --port 8080"),
    (doctor, "bandai-town doctor"),
    (charge, "bandai-town charge 7Q4M-V0XH-2KTB-9D1E 5000 --channel counter --slip slip.pdf"),
    (settle, "bandai-town settle --now"),
    (approve_late, "bandai-town approve-late"),
    (adopt_foreign, "bandai-town adopt-foreign"),
    (reconcile, "bandai-town reconcile"),
    (auditor, "bandai-town auditor /srv/audit"),
    (report, "bandai-town report"),
)
for _function, _example in _COMMANDS:
    app.command(_function.__name__.replace("_", "-"), epilog=closing(_example))(_function)
app.add_typer(program_app, name="program")
app.add_typer(charges_app, name="charges")
app.add_typer(wallets_app, name="wallets")
app.add_typer(merchants_app, name="merchants")
app.add_typer(dates_app, name="dates")
app.add_typer(tills_app, name="tills")
app.add_typer(staff_app, name="staff")
app.add_typer(credentials_app, name="credentials")
app.add_typer(keys_app, name="keys")
app.add_typer(audit_app, name="audit")


def main() -> None:
    """Run the command that was typed."""
    logging.getLogger("psycopg").setLevel(
        logging.CRITICAL
    )  # silence its message about a URL; ours is a sentence
    app()
