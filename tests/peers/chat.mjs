// The chat templates of transformers.js (@huggingface/jinja), one JSON object {"template", "variables"} a line from standard input;
// prints {"text"} or {"error"} as JSON lines.
//
//   node chat.mjs
import { createInterface } from 'node:readline';
import { Template } from '@huggingface/jinja';

for await (const line of createInterface({ input: process.stdin })) {
  const { template, variables } = JSON.parse(line);
  let answer;
  try {
    answer = { text: new Template(template).render(variables) };
  } catch (e) {
    answer = { error: String(e) };
  }
  console.log(JSON.stringify(answer));
}
