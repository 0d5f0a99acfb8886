// How texts are filled in, in the language of the page. The texts themselves
// are in says-*.ts, made of the catalogue (web/lang) for each language.
const tongue = document.documentElement.lang;

/** The reader's own variety of the page's language, for clocks and the like. */
export const locale = navigator.languages.find((l) => l.split("-")[0] === tongue) ?? tongue;

const rules = new Intl.PluralRules(tongue);
const numbers = new Intl.NumberFormat(tongue, { numberingSystem: "latn" }); // as telephones have them
const rtl = document.documentElement.dir === "rtl";

/** A blank filled in. Where text runs from the right, a name from elsewhere keeps its own direction. */
export function put(v: string | number): string {
  if (typeof v === "number") return numbers.format(v);
  return rtl && v ? `\u2068${v}\u2069` : v;
}

/** The form that suits a number. */
export function of(n: number, forms: { other: string; [category: string]: string }): string {
  return forms[rules.select(n)] ?? forms.other;
}
