// <button type="button" data-behaviour="reveal" data-for="ID" data-show="…" data-hide="…">: shows what was just typed.
// There is never anything else to show: stored passwords do not reach the page.
behaviour("reveal", (button) => {
  const input = document.getElementById(button.dataset.for);
  const label = button.querySelector("[data-label]");

  function show(visible) {
    input.type = visible ? "text" : "password";
    label.textContent = visible ? button.dataset.hide : button.dataset.show;
  }

  button.addEventListener("click", () => { show(input.type === "password"); input.focus(); });
  input.addEventListener("input", () => { button.hidden = !input.value; });
  input.form?.addEventListener("submit", () => show(false));
  button.hidden = !input.value;
});
