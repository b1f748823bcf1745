// <form data-behaviour="radio-submit">: choosing submits at once. Walking through with the arrow keys waits for a rest
// of one second, so that passing over a choice does not take it; afterwards the focus is back on the choice.
behaviour("radio-submit", (form) => {
  const PLACE = "radio-submit";
  const radios = [...form.elements].filter((control) => control.type === "radio");
  let walking = false;
  let rest;

  function submit(radio) {
    sessionStorage.setItem(PLACE, radio.value);
    form.requestSubmit();
  }

  for (const radio of radios) {
    radio.addEventListener("keydown", (event) => { walking = event.key.startsWith("Arrow"); clearTimeout(rest); });
    radio.addEventListener("pointerdown", () => { walking = false; });
    radio.addEventListener("change", () => {
      clearTimeout(rest);
      if (walking) rest = setTimeout(submit, 1000, radio);
      else submit(radio);
    });
  }
  radios.find((radio) => radio.value === sessionStorage.getItem(PLACE))?.focus();
  sessionStorage.removeItem(PLACE);
});
