// <input type="checkbox" data-behaviour="same-as-sender" data-from="ID" data-to="ID">: the user name follows the sender.
behaviour("same-as-sender", (box) => {
  const sender = document.getElementById(box.dataset.from);
  const username = document.getElementById(box.dataset.to);

  function follow() {
    username.readOnly = box.checked;
    if (box.checked) username.value = sender.value;
  }

  box.addEventListener("change", follow);
  sender.addEventListener("input", follow);
  follow();
});
