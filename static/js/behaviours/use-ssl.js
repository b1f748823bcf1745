// <form data-behaviour="use-ssl">: the switch use_ssl, the port and the method (Advanced) speak with one voice.
// On proposes tls for port 465 and starttls for every other one; a method picked by hand stays until the switch moves.
// An empty method ("as proposed") is filled in at once.
behaviour("use-ssl", (form) => {
  const { use_ssl: useSsl, port, encryption: method } = form.elements;
  const sentence = form.querySelector("[data-ssl-sentence]");
  const mismatch = form.querySelector("[data-port-mismatch]");
  const proposed = () => (!useSsl.checked ? "none" : port.value.trim() === "465" ? "tls" : "starttls");
  const disagrees = () => (port.value.trim() === "465" && method.value === "starttls") || (port.value.trim() === "587" && method.value === "tls");
  let picked = method.value !== "" && method.value !== proposed();

  function say() {
    if (sentence) sentence.textContent = sentence.dataset[method.value].replaceAll("{port}", port.value.trim() || "…");
    if (mismatch) mismatch.hidden = !disagrees();
  }

  function propose() {
    method.value = proposed();
    say();
  }

  useSsl.addEventListener("change", () => { picked = false; propose(); });
  port.addEventListener("input", () => (picked ? say() : propose()));
  method.addEventListener("change", () => {
    picked = true;
    useSsl.checked = method.value !== "none";
    say();
  });
  if (picked) say();
  else propose();
});
