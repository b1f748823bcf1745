// <details data-behaviour="menu">: closes on Escape and on a click elsewhere.
behaviour("menu", (menu) => {
  const summary = menu.querySelector("summary");
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    summary.focus();
  });
});
