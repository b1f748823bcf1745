// <button type="button" hidden data-behaviour="copy" data-for="ID" data-done="…">: copies a field where the browser allows it.
behaviour("copy", (button) => {
  const label = button.querySelector("[data-label]");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.for).value);
    label.textContent = button.dataset.done;
  });
});
