"""Knows how somebody gets about with keys alone, who has to see at each step where he is."""

import re

from playwright.sync_api import Page

_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return {name: "", lost: true};
  const name = at.getAttribute("aria-label") || [...(at.labels ?? [])].map((label) => label.textContent).join(" ") || at.textContent;
  const marked = (part) => {
    const style = getComputedStyle(part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  const box = at.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height / 2, 20)];
  const top = document.elementFromPoint(x, y);
  return {
    name: name.trim().replace(/\\s+/g, " "),
    lost: false,
    marked: marked(at) || [...(at.labels ?? [])].some(marked),
    covered: !(top && (at.contains(top) || top.contains(at) || [...(at.labels ?? [])].some((label) => label.contains(top)))),
    html: at.outerHTML.slice(0, 120),
  };
}"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str, *, backwards: bool = False) -> None:
    """Tab on until something of this name has the focus; WCAG 2.2 §2.4.7 and §2.4.11 hold at every step."""
    wanted, passed = re.compile(name), []
    for _ in range(90):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        focus = page.evaluate(_FOCUS)
        if focus["lost"]:  # past the last one, as in the browser's own bar
            continue
        passed.append(focus["name"])
        assert focus["marked"], f"nothing shows that this has the focus: {focus['html']}"
        assert not focus["covered"], f"this has the focus and is covered: {focus['html']}"
        if wanted.search(focus["name"]):
            return
    raise AssertionError(f"no way by Tab to {name!r}, only to {passed}")


def focused(page: Page) -> str:
    """The name of what has the focus, or nothing."""
    return page.evaluate(_FOCUS)["name"]


def is_focus_within(page: Page, selector: str) -> bool:
    return page.evaluate("selector => !!document.activeElement?.closest(selector)", selector)
