// Writes Unicode.bin, the character data that tokenizers need, from the Unicode data inside Node.js (its ICU):
//
//   node generate.mjs > Unicode.bin
//
// Integers are LEB128. Sections in order: Unicode version (major, minor); runs (length, value) over all code points of the properties
// (general category in the low 5 bits, then Cased, Case_Ignorable, Alphabetic, White_Space, and whether NFC may change it or its
// neighbours); runs of canonical combining classes, as ranks; full canonical decompositions, full compatibility decompositions where
// they differ, primary compositions, full lower case. Hangul syllables are arithmetic and left out.
import { writeSync } from 'node:fs';

const Limit = 0x110000;
const Categories = ['Lu', 'Ll', 'Lt', 'Lm', 'Lo', 'Mn', 'Mc', 'Me', 'Nd', 'Nl', 'No', 'Zs', 'Zl', 'Zp', 'Cc', 'Cf', 'Cs', 'Co', 'Pc', 'Pd', 'Ps', 'Pe', 'Pi', 'Pf', 'Po', 'Sm', 'Sc', 'Sk', 'So', 'Cn'];
// A character of each combining class above 0, in the order of the classes: 1, 6..36, 84, 91, 103, 107, 118, 122, 129, 130, 132, 202, 214, 216, 218, 220, 222, 224, 226, 228, 230, 232, 233, 234, 240.
const Representatives = [0x334, 0x16FF0, 0x93C, 0x3099, 0x94D, 0x5B0, 0x5B1, 0x5B2, 0x5B3, 0x5B4, 0x5B5, 0x5B6, 0x5B7, 0x5B8, 0x5B9, 0x5BB, 0x5BC, 0x5BD, 0x5BF, 0x5C1, 0x5C2, 0xFB1E, 0x64B, 0x64C, 0x64D, 0x64E, 0x64F, 0x650, 0x651, 0x652, 0x670, 0x711, 0xC55, 0xC56, 0xE38, 0xE48, 0xEB8, 0xEC8, 0xF71, 0xF72, 0xF74, 0x321, 0x1DCE, 0x31B, 0x302A, 0x316, 0x59A, 0x302E, 0x1D16D, 0x5AE, 0x300, 0x315, 0x35C, 0x35D, 0x345];
const bytes = [];
const text = (cp) => String.fromCodePoint(cp);
const points = (s) => Array.from(s, (c) => c.codePointAt(0));
const isSurrogate = (cp) => cp >= 0xD800 && cp <= 0xDFFF;
const isHangul = (cp) => cp >= 0xAC00 && cp <= 0xD7A3;

function put(value) {
  for (; value > 0x7F; value >>>= 7) bytes.push((value & 0x7F) | 0x80);
  bytes.push(value);
}

function putRuns(values) {
  for (let cp = 0; cp < Limit;) {
    let end = cp + 1;
    while (end < Limit && values[end] === values[cp]) end++;
    put(end - cp);
    put(values[cp]);
    cp = end;
  }
}

function putMap(map) {
  put(map.size);
  let last = 0;
  for (const [cp, to] of map) {
    put(cp - last);
    last = cp;
    put(to.length);
    to.forEach(put);
  }
}

function mark(values, pattern, bit) {
  const regex = new RegExp(pattern, 'u');
  for (let cp = 0; cp < Limit; cp++) if (regex.test(text(cp))) values[cp] |= bit;
}

// Two marks change places in normalization exactly when both have a class and the first one's is greater (Unicode 15.0, 3.11, D108/D109).
const swaps = (first, second) => ('a' + text(first) + text(second)).normalize('NFD') !== 'a' + text(first) + text(second);

function combiningRank(cp) {
  if (isSurrogate(cp) || text(cp).normalize('NFD') !== text(cp)) return 0;
  if (!swaps(cp, Representatives[0]) && !swaps(Representatives.at(-1), cp)) return 0;
  for (let rank = 0; rank < Representatives.length; rank++) {
    if (!swaps(cp, Representatives[rank]) && !swaps(Representatives[rank], cp)) return rank + 1;
  }
  throw new Error(`U+${cp.toString(16)} has a combining class that is not in the list.`);
}

for (let i = 1; i < Representatives.length; i++) {
  if (!swaps(Representatives[i], Representatives[i - 1])) throw new Error(`Representatives ${i - 1} and ${i} are out of order.`);
}

const [major, minor] = process.versions.unicode.split('.').map(Number);
put(major);
put(minor);

const properties = new Array(Limit).fill(Categories.indexOf('Cn'));
for (const [index, category] of Categories.entries()) {
  const regex = new RegExp(`\\p{${category}}`, 'u');
  for (let cp = 0; cp < Limit; cp++) if (regex.test(text(cp))) properties[cp] = index;
}
mark(properties, '\\p{Cased}', 1 << 5);
mark(properties, '\\p{Case_Ignorable}', 1 << 6);
mark(properties, '\\p{Alphabetic}', 1 << 7);
mark(properties, '\\p{White_Space}', 1 << 8);

const classes = new Array(Limit).fill(0);
const canonical = new Map();
const compatible = new Map();
const compositions = [];
const lower = new Map();
for (let cp = 0; cp < Limit; cp++) {
  if (isSurrogate(cp)) continue;
  const s = text(cp);
  classes[cp] = combiningRank(cp);
  if (s.toLowerCase() !== s) lower.set(cp, points(s.toLowerCase()));
  if (isHangul(cp)) continue;
  const nfd = s.normalize('NFD');
  const nfkd = s.normalize('NFKD');
  if (nfd !== s) canonical.set(cp, points(nfd));
  if (nfkd !== nfd) compatible.set(cp, points(nfkd));
  if (nfd !== s && s.normalize('NFC') === s) {
    const parts = points(nfd);
    const tail = parts.pop();
    const head = points(String.fromCodePoint(...parts).normalize('NFC'));
    if (head.length !== 1) throw new Error(`U+${cp.toString(16)} is not a pair.`);
    compositions.push([head[0], tail, cp]);
  }
}

// Only text of starters that no composition and no decomposition touches is its own normal form whatever stands beside it.
const second = new Set(compositions.map(([, tail]) => tail));
for (let cp = 0; cp < Limit; cp++) {
  if (isSurrogate(cp)) continue;
  const s = text(cp);
  const changes = classes[cp] > 0 || second.has(cp) || s.normalize('NFC') !== s || (cp >= 0x1161 && cp <= 0x1175) || (cp >= 0x11A8 && cp <= 0x11C2);
  if (changes) properties[cp] |= 1 << 9;
}

putRuns(properties);
putRuns(classes);
putMap(canonical);
putMap(compatible);
put(compositions.length);
for (const triple of compositions) triple.forEach(put);
putMap(lower);

const data = Buffer.from(bytes);
for (let written = 0; written < data.length;) written += writeSync(1, data, written);
