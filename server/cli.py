"""The command line: `xunke serve`, `migrate`, `settings`, `demo`, `generate`, `backup`, `restore`, `restored`."""

import argparse
import gc
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from server.settings import SettingError, Settings, describe, load


def main(arguments: list[str] | None = None) -> int:
    """Runs one subcommand; the exit status says whether it worked."""
    parser = argparse.ArgumentParser(
        prog="xunke", description="Xunke 巡客: field sales that works without a network."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (run, text, options) in _COMMANDS.items():
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        options(sub)
    chosen = parser.parse_args(arguments)
    try:
        settings = load()
    except SettingError as error:
        print(f"wrong setting:\n{error}", file=sys.stderr)
        return 2
    result = chosen.run(settings, chosen)
    return int(result or 0)


def _settings(settings: Settings, chosen: argparse.Namespace) -> None:
    for variable, value, default, meaning in describe(settings):
        print(f"{variable:22} {value or '-'}\n{'':22} {meaning} (default: {default or '-'})")


def _migrate(settings: Settings, chosen: argparse.Namespace) -> None:
    migrate_database(settings)


def migrate_database(settings: Settings) -> None:
    """Brings the database to this version. A server that starts again is spared loading the declarations for it."""
    from server.database import write_engine
    from server.migrations.current import is_current

    settings.data.mkdir(parents=True, exist_ok=True)
    engine = write_engine(settings.database_url)
    if not is_current(engine):
        from server.schema import migrate

        migrate(engine)
    engine.dispose()


def _serve(settings: Settings, chosen: argparse.Namespace) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from server.telemetry.logs import granian_config

    # A quarter of the start would be looking for what nobody needs among what stays; the application switches it on.
    gc.disable()
    migrate_database(settings)
    # The process that works is a fork of this one: loaded here, a killed one is replaced in a moment.
    import server.app  # noqa: F401

    print(f"Xunke: http://{settings.host}:{settings.port}", flush=True)
    Granian(
        "server.app:serve",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        log_dictconfig=granian_config(settings.log),
        websockets=False,
    ).serve()


def _demo(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.demo.build import NotADemo, build_demo, describe_accounts, reset

    if chosen.reset:
        try:
            reset(settings)
        except NotADemo as error:
            print(error, file=sys.stderr)
            return 1
        print(f"The demo company in {settings.data} is gone.")
        return 0
    built = build_demo(settings, seed=chosen.seed, small=chosen.small)
    print("A demo company was made." if built else f"Using the data in {settings.data}.")
    print(describe_accounts(settings))
    return 0


def _demo_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, help="the seed all demo data follows from")
    parser.add_argument("--small", action="store_true", help="few records, for tests")
    parser.add_argument("--reset", action="store_true", help="remove the demo company")


def _generate(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.app import create_app
    from server.generate import write

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(replace(settings, data=Path(folder), database="", blobs=""))
        openapi = app.openapi_schema.to_schema()
    changed = write(Path("pwa/src/generated"), openapi, Path("build/openapi.json"))
    outdated = [str(file) for file in changed if file.parent.name == "generated"]
    if chosen.check and outdated:
        print(f"was out of date, commit it: {', '.join(outdated)}", file=sys.stderr)
        return 1
    return 0


def _generate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="fail when something committed was out of date")


def _no_options(parser: argparse.ArgumentParser) -> None:
    return None


def _file_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")


def _backup(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.backup import run_backup

    return run_backup(settings, chosen.file)


def _restore(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.backup import run_restore

    return run_restore(settings, chosen.file)


def _restored(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.backup import run_restored

    return run_restored(settings)


def _ops(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.ops import run

    return run(settings, chosen)


def _ops_options(parser: argparse.ArgumentParser) -> None:
    # The words of the command line must not cost every start the loading of the application.
    from server.ops_words import options

    options(parser)


def _evidence(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.photos.cli import run_evidence

    return run_evidence(settings, chosen)


def _evidence_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["recheck"], help="judge photos again by the rules and knowledge of today")
    parser.add_argument("--apply", action="store_true", help="write the new verdicts; without it nothing changes")


def _media(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.photos.cli import run_media

    return run_media(settings, chosen)


def _media_options(parser: argparse.ArgumentParser) -> None:
    text = "verify: read every photo again; retain: give up originals past their age and what no photo names"
    parser.add_argument("what", choices=["verify", "retain"], help=text)


def _search(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.search.cli import run_search

    return run_search(settings, chosen.what)


def _search_options(parser: argparse.ArgumentParser) -> None:
    text = "status: how far the index is; rebuild: forget it and make it anew, while the server works"
    parser.add_argument("what", choices=["status", "rebuild"], help=text)


_Run = Callable[[Settings, argparse.Namespace], int | None]
_COMMANDS: dict[str, tuple[_Run, str, Callable[[argparse.ArgumentParser], None]]] = {
    "serve": (_serve, "bring the database up to date and serve app and API", _no_options),
    "migrate": (_migrate, "bring the database to the schema of this version", _no_options),
    "settings": (_settings, "list every setting with its value, default and meaning", _no_options),
    "demo": (_demo, "make a demo company in an empty data folder", _demo_options),
    "backup": (_backup, "copy the database into one file while the server works", _file_option),
    "restore": (_restore, "put a backup in the place of the database; the present one is set aside", _file_option),
    "restored": (_restored, "say that the database was put back by other means, e.g. pg_restore", _no_options),
    "ops": (_ops, "look at kept operations, run them again, import exported outboxes", _ops_options),
    "evidence": (_evidence, "judge photos again and show what would change", _evidence_options),
    "media": (_media, "check stored photos, or give up originals past their age", _media_options),
    "search": (_search, "look after the search index", _search_options),
    "generate": (_generate, "write declarations, labels and OpenAPI for the web app", _generate_options),
}


if __name__ == "__main__":
    sys.exit(main())
