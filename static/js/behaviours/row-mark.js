// <table data-behaviour="row-mark">: a click on the empty part of a row follows the row's a[data-mark].
behaviour("row-mark", (table) => {
  table.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, label, summary, details") || getSelection().toString()) return;
    event.target.closest("tr")?.querySelector("a[data-mark]")?.click();
  });
});
