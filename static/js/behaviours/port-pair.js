// <form data-behaviour="use-ssl port-pair">: [data-pair] holds what is said of port and method together, and
// [data-pair-warning] warns where they disagree: its button that mends them does so here instead of asking the server.
behaviour("port-pair", (form) => {
  const { port, encryption: method } = form.elements;
  const sentence = form.querySelector("[data-pair]");
  const warning = form.querySelector("[data-pair-warning]");
  const pairs = JSON.parse(sentence.dataset.pair);

  function say() {
    const number = port.value.trim();
    const pair = pairs.find((each) => each.method === method.value && (!each.ports.length || each.ports.includes(number)));
    sentence.textContent = pair.text.replaceAll("{port}", number || "…");
    warning.querySelector(".alert__title").textContent = pair.warning.replaceAll("{port}", number);
    for (const button of warning.querySelectorAll("button")) button.hidden = button.value !== pair.mend;
    warning.hidden = !pair.mend;
  }

  form.addEventListener("port:pair", say);
  warning.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    method.value = button.value;
    method.dispatchEvent(new Event("change", { bubbles: true }));
    port.dispatchEvent(new Event("input", { bubbles: true }));
    port.focus();
  });
  say();
});
