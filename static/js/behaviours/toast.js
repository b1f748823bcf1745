// <div class="toast" data-behaviour="toast" data-stays="8000">: leaves after data-stays milliseconds (0: never), waits
// while it is pointed at or holds the focus, and can be dismissed.
behaviour("toast", (toast) => {
  const stays = Number(toast.dataset.stays);
  let timer;

  function leave() {
    toast.remove();
  }

  function wait() {
    clearTimeout(timer);
    if (stays) timer = setTimeout(leave, stays);
  }

  for (const event of ["pointerenter", "focusin"]) toast.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) toast.addEventListener(event, wait);
  toast.querySelector("[data-dismiss]")?.addEventListener("click", leave);
  wait();
});
