// <div data-behaviour="shows-when" data-control="ID" data-value="a b">: visible while a checkbox is on, or a select has one
// of the values. Hidden fields are still sent; the server decides.
behaviour("shows-when", (part) => {
  const control = document.getElementById(part.dataset.control);
  const wanted = part.dataset.value?.split(" ");
  const show = () => { part.hidden = wanted ? !wanted.includes(control.value) : !control.checked; };
  control.addEventListener("change", show);
  show();
});
