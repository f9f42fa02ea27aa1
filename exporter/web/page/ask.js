// Asks the exporter. What it refuses is thrown, with the status.
export async function ask(path) {
  const answer = await fetch(path, {headers: {Accept: 'application/json'}});
  if (!answer.ok) throw Object.assign(new Error(`${answer.status} ${answer.statusText}`), {status: answer.status});
  return answer.json();
}
