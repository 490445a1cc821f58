// The normals of the template: those that gave way are listed until they are confirmed; a question to which organ a
// sentence belongs is answered by a digit on its card, or a click.
export function install(desk) {
  const lists = () => [...document.querySelectorAll(".gave-way")].filter((one) => one.checkVisibility());

  function confirm() {
    const [list] = lists();
    if (!list) return desk.tell("No normal of the template was replaced.");
    return desk.send({ do: "confirm", normals: list.dataset.normals.split(" ") });
  }

  function place(button) {
    const card = button.closest(".card");
    if (!card || card.hasAttribute("aria-busy")) return;
    card.setAttribute("aria-busy", "true"); // pressed again before the server answered
    desk.send({ do: "place", id: card.dataset.d, organ: button.dataset.organ }).then(() => card.removeAttribute("aria-busy"));
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-confirm=normals]")) confirm();
    const organ = event.target.closest("#cards [data-organ]");
    if (organ) place(organ);
  });
  const cards = document.querySelector("#cards");
  for (let number = 1; number <= 9; number++) {
    const organ = () => document.activeElement?.closest("#cards .card")?.querySelectorAll("[data-organ]")[number - 1];
    desk.keys.add({
      key: `${number}`, listed: "1 … 9", label: "the organ that a question asks for", group: "Differences",
      run: () => place(organ()), when: () => Boolean(organ()), acts: true, scope: cards,
    });
  }
  desk.keys.add({ key: "Alt+y", label: "confirm the normals replaced", group: "Report", run: confirm, always: true, when: () => Boolean(desk.state) });
}
