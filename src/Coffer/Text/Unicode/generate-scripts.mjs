// Writes Scripts.bin, the script of every code point, from the Unicode data inside Node.js (its ICU):
//
//   node generate-scripts.mjs > Scripts.bin
//
// Integers are LEB128. The number of scripts; for each the number of its names, and each name as a length and ASCII bytes, the long name first;
// then runs (length, script) over all code points: 0 for those without a script, else the script's place, from 1.
// The names are those of PropertyValueAliases.txt; a script that the list lacks stops the program.
import { writeSync } from 'node:fs';

const Limit = 0x110000;
const Names = (
  'Adlam/Adlm Ahom/Ahom Anatolian_Hieroglyphs/Hluw Arabic/Arab Armenian/Armn Avestan/Avst Balinese/Bali Bamum/Bamu Bassa_Vah/Bass Batak/Batk Bengali/Beng Beria_Erfe/Berf ' +
  'Bhaiksuki/Bhks Bopomofo/Bopo Brahmi/Brah Braille/Brai Buginese/Bugi Buhid/Buhd Canadian_Aboriginal/Cans Carian/Cari Caucasian_Albanian/Aghb Chakma/Cakm ' +
  'Cham/Cham Cherokee/Cher Chorasmian/Chrs Common/Zyyy Coptic/Copt/Qaac Cuneiform/Xsux Cypriot/Cprt Cypro_Minoan/Cpmn Cyrillic/Cyrl Deseret/Dsrt Devanagari/Deva ' +
  'Dives_Akuru/Diak Dogra/Dogr Duployan/Dupl Egyptian_Hieroglyphs/Egyp Elbasan/Elba Elymaic/Elym Ethiopic/Ethi Garay/Gara Georgian/Geor Glagolitic/Glag Gothic/Goth ' +
  'Grantha/Gran Greek/Grek Gujarati/Gujr Gunjala_Gondi/Gong Gurmukhi/Guru Gurung_Khema/Gukh Han/Hani Hangul/Hang Hanifi_Rohingya/Rohg Hanunoo/Hano Hatran/Hatr ' +
  'Hebrew/Hebr Hiragana/Hira Imperial_Aramaic/Armi Inherited/Zinh/Qaai Inscriptional_Pahlavi/Phli Inscriptional_Parthian/Prti Javanese/Java Kaithi/Kthi Kannada/Knda ' +
  'Katakana/Kana Kawi/Kawi Kayah_Li/Kali Kharoshthi/Khar Khitan_Small_Script/Kits Khmer/Khmr Khojki/Khoj Khudawadi/Sind Kirat_Rai/Krai Lao/Laoo Latin/Latn ' +
  'Lepcha/Lepc Limbu/Limb Linear_A/Lina Linear_B/Linb Lisu/Lisu Lycian/Lyci Lydian/Lydi Mahajani/Mahj Makasar/Maka Malayalam/Mlym Mandaic/Mand Manichaean/Mani ' +
  'Marchen/Marc Masaram_Gondi/Gonm Medefaidrin/Medf Meetei_Mayek/Mtei Mende_Kikakui/Mend Meroitic_Cursive/Merc Meroitic_Hieroglyphs/Mero Miao/Plrd Modi/Modi ' +
  'Mongolian/Mong Mro/Mroo Multani/Mult Myanmar/Mymr Nabataean/Nbat Nag_Mundari/Nagm Nandinagari/Nand New_Tai_Lue/Talu Newa/Newa Nko/Nkoo Nushu/Nshu Nyiakeng_Puachue_Hmong/Hmnp ' +
  'Ogham/Ogam Ol_Chiki/Olck Ol_Onal/Onao Old_Hungarian/Hung Old_Italic/Ital Old_North_Arabian/Narb Old_Permic/Perm Old_Persian/Xpeo Old_Sogdian/Sogo Old_South_Arabian/Sarb ' +
  'Old_Turkic/Orkh Old_Uyghur/Ougr Oriya/Orya Osage/Osge Osmanya/Osma Pahawh_Hmong/Hmng Palmyrene/Palm Pau_Cin_Hau/Pauc Phags_Pa/Phag Phoenician/Phnx Psalter_Pahlavi/Phlp ' +
  'Rejang/Rjng Runic/Runr Samaritan/Samr Saurashtra/Saur Sharada/Shrd Shavian/Shaw Siddham/Sidd Sidetic/Sidt SignWriting/Sgnw Sinhala/Sinh Sogdian/Sogd Sora_Sompeng/Sora ' +
  'Soyombo/Soyo Sundanese/Sund Sunuwar/Sunu Syloti_Nagri/Sylo Syriac/Syrc Tagalog/Tglg Tagbanwa/Tagb Tai_Le/Tale Tai_Tham/Lana Tai_Viet/Tavt Tai_Yo/Tayo Takri/Takr ' +
  'Tamil/Taml Tangsa/Tnsa Tangut/Tang Telugu/Telu Thaana/Thaa Thai/Thai Tibetan/Tibt Tifinagh/Tfng Tirhuta/Tirh Todhri/Todr Tolong_Siki/Tols Toto/Toto Tulu_Tigalari/Tutg ' +
  'Ugaritic/Ugar Vai/Vaii Vithkuqi/Vith Wancho/Wcho Warang_Citi/Wara Yezidi/Yezi Yi/Yiii Zanabazar_Square/Zanb'
).split(' ').map((names) => names.split('/'));
const bytes = [];

function put(value) {
  for (; value > 0x7F; value >>>= 7) bytes.push((value & 0x7F) | 0x80);
  bytes.push(value);
}

const scripts = new Array(Limit).fill(0);
put(Names.length);
for (const [index, names] of Names.entries()) {
  put(names.length);
  for (const name of names) {
    put(name.length);
    bytes.push(...Buffer.from(name, 'ascii'));
  }

  const [long, ...others] = names.map((name) => new RegExp(`\\p{Script=${name}}`, 'u'));
  for (let cp = 0; cp < Limit; cp++) {
    const text = String.fromCodePoint(cp);
    if (others.some((other) => other.test(text) !== long.test(text))) throw new Error(`${names} are not the same script.`);
    if (!long.test(text)) continue;
    if (scripts[cp] !== 0) throw new Error(`U+${cp.toString(16)} has two scripts.`);
    scripts[cp] = index + 1;
  }
}

const none = /^[\p{Cn}\p{Co}\p{Cs}]$/u;
for (let cp = 0; cp < Limit; cp++) {
  if (scripts[cp] === 0 && !none.test(String.fromCodePoint(cp))) throw new Error(`U+${cp.toString(16)} has a script that the list lacks.`);
}

for (let cp = 0; cp < Limit;) {
  let end = cp + 1;
  while (end < Limit && scripts[end] === scripts[cp]) end++;
  put(end - cp);
  put(scripts[cp]);
  cp = end;
}

const data = Buffer.from(bytes);
for (let written = 0; written < data.length;) written += writeSync(1, data, written);
