"""Knows what does not fit on a page as it stands: what is cut off, lies on something else, or is too small to be tapped."""

import re
from collections.abc import Iterator

from playwright.sync_api import Page

# WCAG 2.2, 2.5.8: 24 CSS pixels, except for a link in a sentence.
_SMALLEST = 24
_MISFITS = """(smallest) => {
  const found = [];
  const wide = document.documentElement.clientWidth;
  const root = document.querySelector("#popup[open]") ?? document.body;
  const named = (part) => {
    const said = (part.getAttribute("aria-label") || part.innerText || part.name || part.value || "").trim().slice(0, 40);
    return `${part.localName}.${[...part.classList].join(".")} “${said}”`;
  };
  const isSeen = (part) => part.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !part.closest(".visually-hidden, .skip, thead:not(:has(.table__sort)), .toasts, svg") && part.getBoundingClientRect().width > 1;
  const all = [...root.querySelectorAll("*")].filter(isSeen);

  for (const part of all) {
    const box = part.getBoundingClientRect(), style = getComputedStyle(part);
    if (box.right > wide + 1 || box.left < -1) found.push(`outside: ${named(part)}`);
    const parent = part.parentElement, frame = parent.getBoundingClientRect(), around = getComputedStyle(parent);
    const isLaid = style.position === "static" && part !== root && !["inline", "contents"].includes(around.display) && around.overflowX === "visible";
    if (isLaid && (box.right > frame.right + 1 || box.left < frame.left - 1)) found.push(`wider than its place: ${named(part)}`);
    const clips = style.overflowX !== "visible" && !part.matches("select, input, textarea, dialog, article");
    if (clips && part.scrollWidth > part.clientWidth + 1) found.push(`cut: ${named(part)}`);
    if (style.display === "inline" || part.matches("select, option, textarea")) continue;
    for (const text of part.childNodes) {
      if (text.nodeType !== Node.TEXT_NODE || !text.data.trim()) continue;
      const range = new Range();
      range.selectNodeContents(text);
      const said = range.getBoundingClientRect();
      if (said.right > box.right + 1 || said.left < box.left - 1) found.push(`text beyond its box: ${named(part)}`);
    }
  }

  const tapped = all.filter((part) => part.matches("a[href], button, input:not([type=hidden]), select, textarea, summary"));
  const isInSentence = (part) => getComputedStyle(part).display === "inline"
    && [...part.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const target = (part) => (part.matches("[type=checkbox], [type=radio]") ? part.closest("label") ?? part : part);
  for (const part of tapped) {
    const box = target(part).getBoundingClientRect();
    if (isInSentence(part)) continue;
    if (box.width < smallest - 0.5 || box.height < smallest - 0.5) found.push(`${Math.round(box.width)}×${Math.round(box.height)}: ${named(part)}`);
  }

  const lies = (part) => ["fixed", "sticky"].includes(getComputedStyle(part).position) || part.parentElement && part !== root && lies(part.parentElement);
  const still = tapped.filter((part) => !lies(part)).map((part) => [part, [...part.getClientRects()]]);
  for (const [one, ones] of still) {
    for (const [other, others] of still) {
      if (one === other || one.contains(other) || other.contains(one)) continue;
      if (!(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
      const meets = ones.some((a) => others.some((b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2));
      if (meets) found.push(`on one another: ${named(one)} and ${named(other)}`);
    }
  }
  return [...new Set(found)];
}"""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b\d{8}T\d+-[0-9a-f]+\b")
_LEAVES = ("/sign-out", "/sign-in", "/export", "/brand/", "/static/")


def misfits(page: Page) -> list[str]:
    """What does not fit, one line each; on an open pop-up only that is looked at."""
    return page.evaluate(_MISFITS, _SMALLEST)


def kind_of(address: str) -> str:
    """The screen behind an address, whoever or whatever it is about."""
    return _ID.sub("…", address.partition("?")[0].partition("#")[0])


def screens(page: Page, start: str, *, deep: int) -> Iterator[str]:
    """Open one screen of each kind that links lead to, so many clicks from the start, and give its address."""
    waiting, known = [(start, deep)], {kind_of(start)}
    while waiting:
        address, left = waiting.pop(0)
        page.goto(address)
        yield address
        if not left:
            continue
        links = page.eval_on_selector_all("a[href^='/']", "links => links.map((link) => link.getAttribute('href'))")
        for link in links + _in_menus(page):
            if kind_of(link) not in known and not any(each in link for each in _LEAVES):
                known.add(kind_of(link))
                waiting.append((link, left - 1))


def _in_menus(page: Page) -> list[str]:
    """Where the menus of rows lead, with the id of the first row that has one."""
    return page.evaluate("""() => [...document.querySelectorAll("a[data-menu]")].flatMap((ask) => {
      const id = ask.getAttribute("href").slice(-36);
      const links = document.getElementById(ask.dataset.menu)?.content.querySelectorAll("a[href]") ?? [];
      return [...links].map((link) => link.getAttribute("href").replaceAll("00000000-0000-0000-0000-000000000000", id));
    })""")
