"""python -m benchmarks.mail [--quick] [--write]: measure sending and building; print the tables, or keep them too."""

import argparse
import os
from datetime import UTC, datetime

from benchmarks import machine
from benchmarks.mail import building, stage
from benchmarks.mail.contenders import contenders
from benchmarks.page import FIGURES, keep
from benchmarks.rounds import compare
from benchmarks.table import markdown


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see that everything runs")
    parser.add_argument("--write", action="store_true", help="keep the tables in docs/benchmarks.md")
    options = parser.parse_args()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {0})
    rounds, count = (3, 60) if options.quick else (15, 300)
    head = f"Run on {datetime.now(UTC):%Y-%m-%d}: {machine.described()}.\n"
    text = "\n".join([head, *_tables(rounds, count)])
    print(text)
    if options.write:
        keep(text, FIGURES, "mail")


def _tables(rounds: int, count: int) -> list[str]:
    tables = []
    with stage.plain() as place:
        for size in ("2 KB", "50 KB"):
            rows = compare(contenders(place, size, count), reference="smtp-source -s 1", rounds=rounds)
            tables.append(markdown(f"One connection, plain, {size}", rows))
    with stage.encrypted() as place:
        os.environ["SSL_CERT_FILE"] = place.authorities
        for size in ("2 KB", "50 KB"):
            rows = compare(contenders(place, size, count), reference="smtplib, reused", rounds=rounds)
            tables.append(markdown(f"One connection, TLS and sign-in, {size}", rows))
        fresh = compare(
            contenders(place, "2 KB", max(10, count // 15), fresh=True), reference="Django send_mail", rounds=rounds
        )
        tables.append(markdown("A connection with TLS and sign-in for each mail, 2 KB", fresh))
        with stage.far(place, milliseconds=20) as far:
            rows = compare(contenders(far, "2 KB", 40), reference="smtplib, reused", rounds=max(3, rounds // 5))
            tables.append(markdown("40 mails over a wire with 20 ms round trip, TLS and sign-in, 2 KB", rows))
    return [*tables, building.report(rounds)]


if __name__ == "__main__":
    main()
