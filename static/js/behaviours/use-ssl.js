// <form data-behaviour="use-ssl">: the switch use_ssl, the port and the method (Advanced) speak with one voice.
// On proposes tls for port 465 and starttls for every other one; a method picked by hand stays until the switch moves.
// An empty method ("as proposed") is filled in at once. `port:pair` tells the form that port or method changed.
behaviour("use-ssl", (form) => {
  const { use_ssl: useSsl, port, encryption: method } = form.elements;
  const proposed = () => (!useSsl.checked ? "none" : port.value.trim() === "465" ? "tls" : "starttls");
  let picked = method.value !== "" && method.value !== proposed();

  function agree(value) {
    method.value = value;
    form.dispatchEvent(new Event("port:pair"));
  }

  useSsl.addEventListener("change", () => {
    picked = false;
    agree(proposed());
  });
  port.addEventListener("input", () => agree(picked ? method.value : proposed()));
  method.addEventListener("change", () => {
    picked = true;
    useSsl.checked = method.value !== "none";
    agree(method.value);
  });
  if (!picked) agree(proposed());
});
