// <form data-behaviour="typed-over">: what is typed over is not "from the preset" any more, and a result that stands below
// is told to be about the form as it was (data-changed; the address of the test itself changes nothing).
behaviour("typed-over", (form) => {
  form.addEventListener("input", (event) => {
    event.target.closest(".field")?.querySelector(".field__note")?.remove();
    if (!event.target.closest(".tryout")) form.dataset.changed = "";
  });
});
