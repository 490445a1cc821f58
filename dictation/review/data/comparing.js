// "Write and compare": of all that was typed. One change at a time is with the server, so that the last letters would come
// after the command, make another text of it, and leave whoever asked for a review without one.
export async function compare(desk) {
  const { case: of } = desk.state;
  desk.isDoneWriting();
  await desk.pad?.settled?.();
  if (desk.state?.case === of) desk.send({ do: "compare", case: of });
}
