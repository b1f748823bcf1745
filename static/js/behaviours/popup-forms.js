// <dialog data-behaviour="popup popup-forms">: sends the forms of the pop-up, and shows there what comes back.
behaviour("popup-forms", (popup) => {
  // Where a form comes back without having been sent anywhere, what was typed as its password stays.
  async function send(form, event, method, action) {
    const typed = popup.querySelector("[type=password]")?.value;
    await htmx.ajax(method, action, { source: form, event, target: popup, swap: "innerHTML" });
    const field = popup.querySelector("[data-password-stays] [type=password]");
    if (!field || !typed) return;
    field.value = typed;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  popup.addEventListener("submit", (event) => {
    const [form, button] = [event.target, event.submitter];
    const [action, method] = ["action", "method"].map((name) => button?.getAttribute(`form${name}`) || form.getAttribute(name) || "");
    if (event.defaultPrevented || form.hasAttribute("hx-post")) return;
    event.preventDefault();
    send(form, event, method || "get", action);
  });
});
