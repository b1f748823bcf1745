// <form data-behaviour="unsaved" data-unsaved="question">: asks before typed values are lost.
behaviour("unsaved", (form) => {
  const popup = form.closest("dialog");
  let dirty = form.hasAttribute("data-dirty");

  function beforeUnload(event) {
    if (!form.isConnected) removeEventListener("beforeunload", beforeUnload);
    else if (dirty) event.preventDefault();
  }

  function beforeClose(event) {
    if (!form.isConnected) popup.removeEventListener("popup:leave", beforeClose);
    else if (dirty && !confirm(form.dataset.unsaved)) event.preventDefault();
    else dirty = false;
  }

  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  form.addEventListener("htmx:error", () => { dirty = true; });
  addEventListener("beforeunload", beforeUnload);
  popup?.addEventListener("popup:leave", beforeClose);
});
