// <div class="chips" data-behaviour="port-chips" data-for="ID of the input">: a chip sets the port and explains it.
behaviour("port-chips", (chips) => {
  const port = document.getElementById(chips.dataset.for);
  const note = chips.querySelector("[data-note]");
  const buttons = [...chips.querySelectorAll("button[data-value]")];

  function show() {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === port.value.trim()));
    note.textContent = buttons.find((button) => button.dataset.value === port.value.trim())?.dataset.explains ?? "";
  }

  chips.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-value]");
    if (!button) return;
    port.value = button.dataset.value;
    port.dispatchEvent(new Event("input", { bubbles: true }));
    port.dispatchEvent(new Event("change", { bubbles: true }));
  });
  port.addEventListener("input", show);
  show();
});
