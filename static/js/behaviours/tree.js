// <ul data-behaviour="tree">: a[data-branch] unfolds in place, [data-more] > a puts the next rows there; the address keeps
// what is open. Arrow keys walk from name to name: up, down, into a branch and out of it.
behaviour("tree", (tree) => {
  const pick = (selector, within = tree) => [...within.querySelectorAll(selector)].filter((each) => each.checkVisibility());
  const listOf = (fold) => fold.parentElement.querySelector(":scope > .tree__list");

  async function fetchInto(link, address, target, swap) {
    link.setAttribute("aria-busy", "true");
    await htmx.ajax("GET", address, { source: link, target, swap });
    link.removeAttribute("aria-busy");
  }
  async function toggle(fold) {
    const opens = fold.getAttribute("aria-expanded") === "false";
    if (opens && !listOf(fold)) {
      fold.insertAdjacentHTML("afterend", '<ul class="tree__list"></ul>');
      await fetchInto(fold, fold.dataset.rows, listOf(fold), "innerHTML");
    }
    if (!listOf(fold)?.childElementCount) return listOf(fold)?.remove();
    listOf(fold).hidden = !opens;
    fold.setAttribute("aria-expanded", String(opens));
    const address = new URL(location.href);
    const open = pick('[data-branch][aria-expanded="true"]').map((each) => each.dataset.branch);
    address.searchParams.delete("open");
    for (const each of open.length ? open.slice(-10) : ["none"]) address.searchParams.append("open", each);
    history.replaceState(history.state, "", address);
  }
  async function more(item, link) {
    const before = item.previousElementSibling;
    await fetchInto(link, `${link.getAttribute("href")}&open=none`, item, "outerHTML");
    before?.nextElementSibling?.querySelector(".tree__name")?.focus();
  }
  tree.addEventListener("click", (event) => {
    const link = event.target.closest("[data-branch], [data-more] > a");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.matches("[data-branch]")) toggle(link);
    else if (!new URL(link.href).searchParams.has("q")) more(link.parentElement, link);
    else return;
    event.preventDefault();
  });
  tree.addEventListener("keydown", (event) => {
    const item = event.target.closest(".tree__item"), names = pick(".tree__name");
    if (!item || !event.target.matches(".tree__name, .tree__fold")) return;
    const [name, fold] = [".tree__name", ".tree__fold"].map((each) => [...item.children].find((child) => child.matches(each)) ?? item.querySelector(`:scope > .tree__row ${each}`));
    const [into, out] = getComputedStyle(tree).direction === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
    const at = names.indexOf(name), isOpen = fold?.getAttribute("aria-expanded") === "true";
    const steps = { ArrowDown: names[at + 1], ArrowUp: names[at - 1], Home: names[0], End: names.at(-1) };
    if (event.key === into && fold && !isOpen) toggle(fold);
    else if (event.key === out && isOpen) toggle(fold);
    else if (event.key === into && isOpen) names[at + 1]?.focus();
    else if (event.key === out) item.parentElement.closest(".tree__item")?.querySelector(".tree__name").focus();
    else if (event.key in steps) steps[event.key]?.focus();
    else return;
    event.preventDefault();
  });
});
