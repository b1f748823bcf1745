"""Knows every way to write an address that somebody may try, and what becomes of it: the table behind the egress tests.

A row is the form, what a resolver says of it (nothing: it is never asked), the outcome, and the networks of the operator.
"""

from dataclasses import dataclass

from portal.domain.diagnosis import Code

OK, BLOCKED, NAME = Code.OK, Code.BLOCKED, Code.NAME


@dataclass(frozen=True)
class Case:
    form: str
    code: Code
    answers: tuple = ()
    networks: tuple = ()


def _literals(code, *forms, by=()):
    return [Case(form, code, (), by) for form in forms]


def _resolved(code, *rows, by=()):
    return [Case("mail.example.test", code, tuple(row.split()), by) for row in rows]


LONGEST = ".".join(["a" * 63] * 3 + ["b" * 61])
INSIDE = ("10.1.0.0/16", "fd00::/64", "127.0.0.5/32")
NAT64 = ("64:ff9b::/96",)

# Every row of the deny table for IPv4: its first and last address, and what makes it worth an attack.
_DENIED_V4 = [
    *_literals(BLOCKED, "0.0.0.0", "0.0.0.1", "0.255.255.255"),  # this network: Linux takes 0.0.0.0 for loopback
    *_literals(BLOCKED, "10.0.0.0", "10.0.0.1", "10.255.255.255"),
    *_literals(BLOCKED, "100.64.0.0", "100.100.100.200", "100.127.255.255"),  # carrier NAT; metadata
    *_literals(BLOCKED, "127.0.0.0", "127.0.0.1", "127.0.0.53", "127.255.255.255"),
    *_literals(BLOCKED, "169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255"),  # metadata
    *_literals(BLOCKED, "172.16.0.0", "172.17.0.1", "172.31.255.255"),
    *_literals(BLOCKED, "192.0.0.0", "192.0.0.192", "192.0.0.255"),  # metadata
    *_literals(BLOCKED, "192.0.2.0", "192.0.2.255"),
    *_literals(BLOCKED, "192.88.99.0", "192.88.99.255"),
    *_literals(BLOCKED, "192.168.0.0", "192.168.1.1", "192.168.255.255"),
    *_literals(BLOCKED, "198.18.0.0", "198.19.255.255"),
    *_literals(BLOCKED, "198.51.100.0", "198.51.100.255"),
    *_literals(BLOCKED, "203.0.113.0", "203.0.113.255"),
    *_literals(BLOCKED, "224.0.0.0", "224.0.0.251", "239.255.255.255"),
    *_literals(BLOCKED, "240.0.0.0", "255.255.255.254", "255.255.255.255"),
    *_literals(BLOCKED, "127.0.0.1.", " 127.0.0.1 ", "\t127.0.0.1\n", "\u00a0127.0.0.1"),
]
_DENIED_V6 = [
    *_literals(BLOCKED, "::", "::1", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0001", "::0:0:1"),
    *_literals(BLOCKED, "::127.0.0.1", "::7f00:1", "::10.0.0.1", "::93.184.216.34"),  # IPv4-compatible
    *_literals(BLOCKED, "::ffff:127.0.0.1", "::FFFF:7F00:1", "0:0:0:0:0:ffff:7f00:0001", "::ffff:0.0.0.0"),
    *_literals(BLOCKED, "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::ffff:192.168.1.1"),
    *_literals(BLOCKED, "::ffff:0:127.0.0.1", "::ffff:0:93.184.216.34"),  # IPv4-translated (SIIT)
    *_literals(BLOCKED, "64:ff9b::7f00:1", "64:ff9b::127.0.0.1", "64:ff9b::93.184.216.34", "64:ff9b:1::7f00:1"),
    *_literals(BLOCKED, "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:5db8:d822::1"),  # 6to4
    *_literals(BLOCKED, "2001::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:1ff:ffff::1"),  # Teredo and its row
    *_literals(BLOCKED, "2001:db8::1", "2001:0db8:ffff::1", "3fff::1", "3fff:fff:ffff::1"),  # documentation
    *_literals(BLOCKED, "fc00::1", "fd00::1", "fd00:ec2::254", "fdff:ffff::1"),  # unique local; metadata
    *_literals(BLOCKED, "fe80::1", "febf::1", "fec0::1", "feff::1"),  # link-local and site-local
    *_literals(BLOCKED, "ff01::1", "ff02::1", "ff02::fb", "ff0e::1", "100::1", "5f00::1", "1fff::1", "4000::1"),
]
_PUBLIC = [
    *_literals(OK, "1.0.0.0", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0"),
    *_literals(OK, "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"),
    *_literals(OK, "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0"),
    *_literals(OK, "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.112.255", "203.0.114.0", "223.255.255.255"),
    *_literals(OK, "2000::1", "2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111", "3ffe::1", "3fff:1000::1"),
    *_literals(OK, "::ffff:93.184.216.34", "93.184.216.34."),
]  # fmt: skip
# What a resolver would read as an address, and what is no address and no name: nobody is asked.
_MALFORMED = [
    *_literals(NAME, "127.1", "127.0.1", "127", "0", "1.2.3.4.5", "127.0.0.256", "127.0.0.-1", "127.0.0.1.1"),  # short
    *_literals(NAME, "0177.0.0.1", "127.0.0.01", "0127.0.0.1", "017700000001", "0010.0.0.1", "00.0.0.0"),  # octal
    *_literals(NAME, "0x7f.0.0.1", "0x7f.1", "0x7f000001", "0X7F000001", "127.0.0.0x1", "0x7f.0x0.0x0.0x1", "0x"),
    *_literals(NAME, "2130706433", "4294967295", "3232235777", "18446744073709551615", "2130706433."),  # decimal
    *_literals(NAME, "１２７.０.０.１", "①②⑦.⓪.⓪.①", "¹²⁷.⁰.⁰.¹", "₁₂₇.₀.₀.₁", "𝟏𝟐𝟕.𝟎.𝟎.𝟏", "127.0.0.１"),
    *_literals(NAME, "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "93。184。216。34", "127.0.0。1"),
    *_literals(NAME, "127.0.0.1\0", "127.0.0.1\0.example.com", "\x00127.0.0.1", "mail.test\0", "::1\0"),
    *_literals(NAME, "[::1]", "[127.0.0.1]", "[fe80::1]", "[::ffff:127.0.0.1]", "[::1", "::1]"),
    *_literals(NAME, "::1%lo", "fe80::1%eth0", "fe80::1%25eth0", "fe80::1%", "::ffff:127.0.0.1%1", "127.0.0.1%lo"),
    *_literals(NAME, "127.0.0.1:25", "[::1]:25", "mail.test:25", "127.0.0.1/8", "::1/128", "::1:", ":::1", "::g"),
    *_literals(NAME, "user@127.0.0.1", "user:pw@mail.test", "mail.test@127.0.0.1", "http://127.0.0.1", "//127.0.0.1"),
    *_literals(NAME, "mail.test#@127.0.0.1", "mail.test\\127.0.0.1", "mail.test?x", "127.0.0.1,1.1.1.1", "1.1.1.1 127.0.0.1"),
    *_literals(NAME, "", " ", ".", "..", "127.0.0.1..", ".127.0.0.1", "a..test", "mail_1.test", "-a.test", "a-.test", "*"),
    *_literals(NAME, "::ffff:0177.0.0.1", "::ffff:127.1", "::ffff:0x7f.1", "1::2::3", "12345::1"),
    *_literals(NAME, "a" * 64 + ".test", LONGEST + "b", "1" * 5_000, "a." * 5_000 + "test", "ü" * 300 + ".test"),
    *_literals(NAME, "mail.test\r\nRCPT TO:<x@y.test>", "mail\u200b.test", "mail\u202e.test", "\ud800.test"),
]  # fmt: skip
_NAMES = [
    *_resolved(OK, "93.184.216.34", "2606:4700::1111", "93.184.216.34 2606:4700::1111", "::ffff:93.184.216.34"),
    *_resolved(NAME, "127.0.0.1", "10.0.0.1", "169.254.169.254", "100.100.100.200", "192.0.0.192", "0.0.0.0"),
    *_resolved(NAME, "::1", "::", "::127.0.0.1", "::ffff:127.0.0.1", "fe80::1", "fec0::1", "fd00::1", "ff02::1"),
    *_resolved(NAME, "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1", "fe80::1%eth0", "224.0.0.1"),
    *_resolved(NAME, "93.184.216.34 127.0.0.1", "127.0.0.1 93.184.216.34", "2606:4700::1111 10.0.0.1"),  # mixed
    *_resolved(NAME, "93.184.216.34 ::1", "93.184.216.34 93.184.216.35 93.184.216.36 ::ffff:10.0.0.1"),
    *_resolved(NAME, "nonsense", "93.184.216.34 nonsense"),
    *(Case(form, NAME, ("127.0.0.1",)) for form in ("localhost", "LOCALHOST.", "127.0.0.1.nip.test", "1ocalhost", LONGEST)),
    *(Case(form, OK, ("93.184.216.34",)) for form in ("bücher.example", "BÜCHER.example.", "例え。テスト", LONGEST, "1.2.3.4a")),
]  # fmt: skip
_BY_THE_OPERATOR = [
    *_literals(OK, "10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "::ffff:a01:203", "127.0.0.5", by=INSIDE),
    *_literals(OK, "fd00::", "fd00::ffff:ffff:ffff:ffff", "FD00:0::5", "10.1.2.3.", by=INSIDE),
    *_literals(BLOCKED, "10.0.255.255", "10.2.0.0", "::ffff:10.2.0.0", "127.0.0.1", "fd00:0:0:1::", "::10.1.2.3", by=INSIDE),
    *_literals(BLOCKED, "2002:a01:203::", "64:ff9b::a01:203", "fe80::10.1.2.3", by=INSIDE),
    *_literals(NAME, "10.1.515", "0xa010203", "167838211", "10。1。2。3", "[fd00::5]", "fd00::5%eth0", "012.1.2.3", by=INSIDE),
    *_resolved(OK, "10.1.2.3", "fd00::5", "10.1.2.3 93.184.216.34", "::ffff:10.1.2.3", by=INSIDE),
    *_resolved(NAME, "10.1.2.3 10.2.0.1", "fd00::5 ::1", "64:ff9b::a01:203", by=INSIDE),
    *_literals(OK, "64:ff9b::93.184.216.34", "64:ff9b::5db8:d822", by=NAT64),
    *_literals(BLOCKED, "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::5db8:d822", by=NAT64),
    *_resolved(OK, "64:ff9b::5db8:d822", "64:ff9b::5db8:d822 93.184.216.34", by=NAT64),
    *_resolved(NAME, "64:ff9b::7f00:1", "64:ff9b::5db8:d822 64:ff9b::7f00:1", by=NAT64),
]  # fmt: skip

TABLE = (*_DENIED_V4, *_DENIED_V6, *_PUBLIC, *_MALFORMED, *_NAMES, *_BY_THE_OPERATOR)
