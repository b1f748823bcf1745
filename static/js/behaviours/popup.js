// <dialog id="popup" data-behaviour="popup">: opens a[data-dialog] over the page by fetching the same URL.
behaviour("popup", (popup) => {
  const mayLeave = () => popup.dispatchEvent(new CustomEvent("popup:leave", { cancelable: true }));
  const close = () => mayLeave() && popup.close();

  async function open(link, event) {
    link.setAttribute("aria-busy", "true");
    await htmx.ajax("GET", link.getAttribute("href"), { source: link, event, target: popup, swap: "innerHTML" });
    link.removeAttribute("aria-busy");
    if (!popup.firstElementChild) return;
    popup.setAttribute("aria-labelledby", popup.querySelector("h1, h2")?.id ?? "");
    if (!popup.open) popup.showModal();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!popup.isConnected || !link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!popup.contains(link) || mayLeave()) open(link, event);
  });
  popup.addEventListener("click", (event) => {
    if (!event.target.closest("[data-dialog-close]")) return;
    event.preventDefault();
    close();
  });
  // A browser lets a second Escape pass whatever the page says, so the key itself is asked first.
  popup.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    event.preventDefault();
    close();
  });
  popup.addEventListener("cancel", (event) => { if (event.target === popup && !mayLeave()) event.preventDefault(); });
  popup.addEventListener("close", () => popup.replaceChildren());
});
