// <ul data-behaviour="tree">: a[data-branch] unfolds in place, [data-more] > a puts the next rows there. The address keeps
// what is open, so that it is the same after a reload.
behaviour("tree", (tree) => {
  const listOf = (fold) => fold.parentElement.querySelector(":scope > .tree__list");
  const isPlain = (event) => !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

  async function fetchInto(link, address, target, swap) {
    link.setAttribute("aria-busy", "true");
    await htmx.ajax("GET", address, { source: link, target, swap });
    link.removeAttribute("aria-busy");
  }
  function keepInAddress() {
    const open = [...tree.querySelectorAll('[data-branch][aria-expanded="true"]')].filter((each) => each.checkVisibility());
    const address = new URL(location.href);
    address.searchParams.delete("open");
    for (const each of open.slice(-10)) address.searchParams.append("open", each.dataset.branch);
    if (!open.length) address.searchParams.append("open", "none");
    history.replaceState(history.state, "", address);
  }
  async function toggle(fold) {
    const opens = fold.getAttribute("aria-expanded") === "false";
    if (opens && !listOf(fold)) {
      fold.after(Object.assign(document.createElement("ul"), { className: "tree__list" }));
      await fetchInto(fold, fold.dataset.rows, listOf(fold), "innerHTML");
    }
    if (!listOf(fold)?.childElementCount) return listOf(fold)?.remove();
    listOf(fold).hidden = !opens;
    fold.setAttribute("aria-expanded", String(opens));
    keepInAddress();
  }
  tree.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-branch], [data-more] > a");
    if (!link || !isPlain(event) || link.hasAttribute("aria-busy")) return;
    event.preventDefault();
    if (link.matches("[data-branch]")) return toggle(link);
    const last = link.parentElement.previousElementSibling;
    await fetchInto(link, link.dataset.rows, link.parentElement, "outerHTML");
    last?.nextElementSibling?.querySelector(".tree__name")?.focus();
  });
});
