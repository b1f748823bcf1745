// <table data-behaviour="row-mark">: a click on the empty part of a row goes where its a[data-mark] or a[data-menu] leads.
behaviour("row-mark", (table) => {
  table.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, label, summary, details") || getSelection().toString()) return;
    const link = event.target.closest("tr")?.querySelector("a[data-mark], a[data-menu]");
    if (link) location.assign(link.href);
  });
});
