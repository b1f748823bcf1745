// <table data-behaviour="row-menu">: a[data-menu="ID"] brings the menu of its row, made of <template id="ID">. There every
// row is called by the nil id, and each row's own address ends with its id.
behaviour("row-menu", (table) => {
  const anyId = "00000000-0000-0000-0000-000000000000";

  function made(link) {
    const menu = document.getElementById(link.dataset.menu).content.firstElementChild.cloneNode(true);
    const id = link.getAttribute("href").slice(-anyId.length);
    for (const each of menu.querySelectorAll("[href], [formaction]")) {
      for (const name of ["href", "formaction"]) {
        if (each.hasAttribute(name)) each.setAttribute(name, each.getAttribute(name).replaceAll(anyId, id));
      }
    }
    menu.querySelector("summary").setAttribute("aria-label", link.getAttribute("aria-label"));
    return menu;
  }

  table.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-menu]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const menu = made(link);
    link.replaceWith(menu);
    htmx.process(menu);
    setTimeout(() => {  // once this click has closed whatever else is open
      menu.open = true;
      menu.querySelector("summary").focus();
    });
  });
});
