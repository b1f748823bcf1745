"""Coverage-guided: whatever bytes claim to be a mail, our strict reader reads them or refuses, and nothing else.

python tests/fuzz/reading.py -max_total_time=SECONDS
"""

import sys

import atheris

with atheris.instrument_imports():
    from portal.mail import reading


def one_input(data: bytes) -> None:
    try:
        whole = reading.entity(data, 0, len(data))
        for name, value in whole.fields:
            if name == "Subject":
                reading.text(value)
            elif name in {"From", "To"}:
                reading.mailboxes(value)
            else:
                _, parameters = reading.parameters(value)
                if boundary := parameters.get("boundary"):
                    list(reading.parts(data, whole, boundary))
                reading.plain_octets(data, whole, value)
    except (ValueError, TypeError, IndexError):  # what the verifier takes for unreadable
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
