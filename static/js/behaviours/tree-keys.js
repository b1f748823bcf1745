// <ul data-behaviour="tree-keys">: arrow keys walk from name to name: up, down, to the first and the last, into a branch
// and out of it. Tab goes through everything as ever.
behaviour("tree-keys", (tree) => {
  const nameOf = (item) => item?.querySelector(":scope > .tree__row .tree__name");
  const next = (names, at) => ({ ArrowDown: names[at + 1], ArrowUp: names[at - 1], Home: names[0], End: names.at(-1) });

  function goInto(fold, names, at) {
    if (!fold) return;
    if (fold.getAttribute("aria-expanded") === "false") fold.click();
    else names[at + 1]?.focus();
  }
  function goOut(fold, item) {
    if (fold?.getAttribute("aria-expanded") === "true") fold.click();
    else nameOf(item.parentElement.closest(".tree__item"))?.focus();
  }
  tree.addEventListener("keydown", (event) => {
    if (!event.target.matches(".tree__name, .tree__fold") || event.ctrlKey || event.metaKey || event.altKey) return;
    const item = event.target.closest(".tree__item");
    const fold = item.querySelector(":scope > .tree__fold");
    const names = [...tree.querySelectorAll(".tree__name")].filter((each) => each.checkVisibility());
    const at = names.indexOf(nameOf(item)), steps = next(names, at);
    const isTurned = getComputedStyle(tree).direction === "rtl";
    const [into, out] = isTurned ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
    if (event.key === into) goInto(fold, names, at);
    else if (event.key === out) goOut(fold, item);
    else if (event.key in steps) steps[event.key]?.focus();
    else return;
    event.preventDefault();
  });
});
