/** Help within a terminal's width. commander fits what it makes itself; the texts that stand below are fitted here. */

/** The same text with its paragraphs filled anew; lines that begin with a space stand as they are, such as examples. */
export function fitted(text: string, width: number): string {
  const lines: string[] = [];
  let paragraph: string[] = [];
  const end = () => {
    if (paragraph.length > 0) lines.push(...filled(paragraph.join(" "), width));
    paragraph = [];
  };
  for (const line of text.split("\n")) {
    const stands = line === "" || /^\s/.test(line);
    if (stands || /^(Exit status|Examples?|Usage|Options|Commands|Arguments)\b/.test(line)) end();
    if (stands) lines.push(line);
    else paragraph.push(line);
  }
  end();
  return lines.join("\n");
}

function filled(words: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(/ +/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
