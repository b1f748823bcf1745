// <form data-behaviour="use-ssl">: the switch use_ssl, the port and the method (Advanced) speak with one voice.
// On proposes tls for port 465 and starttls for every other one; a method picked by hand stays until the switch moves.
// An empty method ("as proposed") is filled in at once. [data-pair] holds what is said of port and method together, and
// [data-pair-warning] warns where they disagree: its button that mends them does so here instead of asking the server.
behaviour("use-ssl", (form) => {
  const { use_ssl: useSsl, port, encryption: method } = form.elements;
  const sentence = form.querySelector("[data-pair]");
  const warning = form.querySelector("[data-pair-warning]");
  const pairs = JSON.parse(sentence.dataset.pair);
  const proposed = () => (!useSsl.checked ? "none" : port.value.trim() === "465" ? "tls" : "starttls");
  let picked = method.value !== "" && method.value !== proposed();

  function say() {
    const number = port.value.trim();
    const pair = pairs.find((each) => each.method === method.value && (!each.ports.length || each.ports.includes(number)));
    sentence.textContent = pair.text.replaceAll("{port}", number || "…");
    warning.querySelector(".alert__title").textContent = pair.warning.replaceAll("{port}", number);
    for (const button of warning.querySelectorAll("button")) button.hidden = button.value !== pair.mend;
    warning.hidden = !pair.mend;
  }

  function propose() {
    method.value = proposed();
    say();
  }

  function pick(value) {
    picked = true;
    method.value = value;
    useSsl.checked = value !== "none";
    say();
  }

  useSsl.addEventListener("change", () => { picked = false; propose(); });
  port.addEventListener("input", () => (picked ? say() : propose()));
  method.addEventListener("change", () => pick(method.value));
  warning.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    pick(button.value);
    port.dispatchEvent(new Event("input", { bubbles: true }));
    port.focus();
  });
  if (picked) say();
  else propose();
});
