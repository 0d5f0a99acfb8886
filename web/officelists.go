package web

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"hearth/circle"
	"hearth/web/lang"
)

// What can be chosen in the office's forms.

// countryCodes are the countries of ISO 3166-1 (alpha-2).
var countryCodes = strings.Fields(`AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM
GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT
LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN
PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`)

// tongues are the languages a circle can be said to be held in; any other is
// for the command line.
var tongues = strings.Fields("ar bn bg ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu id is it ja ko lt lv mt nb nl pa pl pt ro ru sk sl so sq sr sv sw ta th ti tl tr uk ur vi zh")

// zones are time zones to choose from; any other IANA name can be typed.
var zones = strings.Fields(`Africa/Accra Africa/Addis_Ababa Africa/Algiers Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos Africa/Nairobi
Africa/Tunis America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Caracas America/Chicago America/Denver America/Edmonton
America/Halifax America/Havana America/Lima America/Los_Angeles America/Mexico_City America/Montevideo America/New_York America/Phoenix
America/Puerto_Rico America/Santiago America/Sao_Paulo America/St_Johns America/Toronto America/Vancouver America/Winnipeg Asia/Amman Asia/Baghdad
Asia/Bangkok Asia/Beirut Asia/Colombo Asia/Damascus Asia/Dhaka Asia/Dubai Asia/Hong_Kong Asia/Jakarta Asia/Jerusalem Asia/Karachi Asia/Kathmandu
Asia/Kolkata Asia/Kuala_Lumpur Asia/Manila Asia/Riyadh Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Taipei Asia/Tehran Asia/Tokyo Atlantic/Azores
Atlantic/Canary Atlantic/Reykjavik Australia/Adelaide Australia/Brisbane Australia/Darwin Australia/Hobart Australia/Melbourne Australia/Perth
Australia/Sydney Europe/Amsterdam Europe/Athens Europe/Belgrade Europe/Berlin Europe/Brussels Europe/Bucharest Europe/Budapest Europe/Copenhagen
Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kyiv Europe/Lisbon Europe/London Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Oslo
Europe/Paris Europe/Prague Europe/Riga Europe/Rome Europe/Sofia Europe/Stockholm Europe/Tallinn Europe/Vienna Europe/Vilnius Europe/Warsaw
Europe/Zagreb Europe/Zurich Pacific/Auckland Pacific/Fiji Pacific/Guam Pacific/Honolulu UTC`)

// zoneTyped is the IANA name of what somebody typed, like "dublin" or
// "new york"; what isn't known stays as it is, for the schedule to judge.
func zoneTyped(typed string) string {
	typed = strings.TrimSpace(typed)
	plain := strings.ToLower(strings.ReplaceAll(typed, " ", "_"))
	for _, z := range zones {
		if low := strings.ToLower(z); low == plain || strings.HasSuffix(low, "/"+plain) {
			return z
		}
	}
	return typed
}

// also adds what a circle has to the choices, if it isn't one of them: it was
// set at the command line, or with a format that is gone.
func (q field) also(value, label string) field {
	for _, g := range q.Groups {
		if slices.ContainsFunc(g.Picks, func(p pick) bool { return p.Value == value }) {
			return q
		}
	}
	first := &q.Groups[0].Picks
	*first = append(*first, pick{Value: value, Label: cmp.Or(label, value)})
	return q
}

// sorted puts choices in the order of the reader's language.
func sorted(l *lang.Texts, picks []pick) []pick {
	by := collate.New(language.MustParse(l.Tag), collate.IgnoreCase)
	slices.SortFunc(picks, func(a, b pick) int { return by.CompareString(a.Label, b.Label) })
	return picks
}

func (o office) formatField(v *visit, now string) field {
	var picks []pick
	if now == "" {
		picks = append(picks, pick{Label: v.t("office.format.none")})
	}
	for _, f := range o.kinds() {
		label := named(v.texts, "front.format.", f.Name)
		if n := int(f.Time().Minutes()); n > 0 {
			label += " · " + v.texts.Duration(n)
		}
		picks = append(picks, pick{Value: f.Name, Label: label})
	}
	return field{Name: "format", Kind: "select", Label: v.t("office.format"), Hint: v.t("office.format.hint"), Groups: []group{{Picks: picks}}}.also(now, now)
}

func languageField(v *visit) field {
	var picks []pick
	for _, tag := range tongues {
		own := display.Self.Name(language.MustParse(tag))
		label := languageName(v.texts, tag)
		if !strings.EqualFold(own, label) {
			label += " · " + own
		}
		picks = append(picks, pick{Value: tag, Label: label})
	}
	picks = append([]pick{{Label: v.t("office.language.none")}}, sorted(v.texts, picks)...)
	return field{Name: "language", Kind: "select", Label: v.t("office.language"), Groups: []group{{Picks: picks}}}.also(v.circle.Language, languageName(v.texts, v.circle.Language))
}

// countryField lists first the countries for which there are signposts.
func (o office) countryField(v *visit) field {
	var with, without []pick
	for _, code := range countryCodes {
		p := pick{Value: code, Label: countryName(v.texts, code)}
		if len(o.Face.crisis.For(code)) > 0 {
			with = append(with, p)
		} else {
			without = append(without, p)
		}
	}
	return field{Name: "country", Kind: "select", Label: v.t("office.country"), Hint: v.t("office.country.hint"), Groups: []group{
		{Picks: []pick{{Label: v.t("office.country.none")}}},
		{Label: v.t("office.country.with"), Picks: sorted(v.texts, with)},
		{Label: v.t("office.country.without"), Picks: sorted(v.texts, without)},
	}}.also(v.circle.Country, countryName(v.texts, v.circle.Country))
}

func regionField(v *visit) field {
	var picks []pick
	for _, code := range countryCodes {
		picks = append(picks, pick{Value: code, Label: countryName(v.texts, code)})
	}
	picks = append([]pick{{Label: v.t("office.region.none")}}, sorted(v.texts, picks)...)
	return field{Name: "region", Kind: "select", Label: v.t("office.region"), Hint: v.t("office.region.hint"), Groups: []group{{Picks: picks}}}.also(v.circle.Region, countryName(v.texts, v.circle.Region))
}

func themesField(v *visit) field {
	var picks []pick
	for _, theme := range circle.Themes {
		picks = append(picks, pick{Value: theme, Label: named(v.texts, "front.theme.", theme)})
	}
	return field{Name: "themes", Kind: "checks", Label: v.t("office.themes"), Hint: v.t("office.themes.hint"), Groups: []group{{Picks: picks}}}
}

func accessField(v *visit) field {
	return field{Name: "access", Kind: "pick", Label: v.t("office.access"), Groups: []group{{Picks: []pick{
		{Value: string(circle.ByInvite), Label: v.t("office.access.invite"), Hint: v.t("office.access.invite.say")},
		{Value: string(circle.InviteAndWait), Label: v.t("office.access.wait"), Hint: v.t("office.access.wait.say")},
		{Value: string(circle.OpenToAll), Label: v.t("office.access.open"), Hint: v.t("office.access.open.say")},
	}}}}
}

func standingField(v *visit) field {
	return field{Name: "standing", Kind: "pick", Label: v.t("office.standing"), Groups: []group{{Picks: []pick{
		{Value: string(circle.Draft), Label: v.t("office.standing.draft"), Hint: v.t("office.standing.draft.say")},
		{Value: string(circle.Announced), Label: v.t("office.standing.announced"), Hint: v.t("office.standing.announced.say")},
		{Value: string(circle.Meeting), Label: v.t("office.standing.meeting"), Hint: v.t("office.standing.meeting.say")},
		{Value: string(circle.Closed), Label: v.t("office.standing.closed"), Hint: v.t("office.standing.closed.say")},
	}}}}
}

func everyField(v *visit) field {
	picks := []pick{
		{Value: circle.Once, Label: v.t("office.every.once")},
		{Value: circle.EveryWeek, Label: v.t("office.every.week")},
		{Value: circle.EveryTwoWeeks, Label: v.t("office.every.two")},
		{Value: circle.EveryMonth, Label: v.t("office.every.month")},
		{Value: circle.ByRule, Label: v.t("office.every.rule")},
		{Value: asItComes, Label: v.t("office.every.none")},
	}
	return field{Name: "every", Kind: "select", Label: v.t("office.every"), Groups: []group{{Picks: picks}}}
}

// zoneOf is the time zone that a country's clocks most likely show; empty if
// there are several.
func zoneOf(country string) string {
	return map[string]string{
		"AT": "Europe/Vienna", "BE": "Europe/Brussels", "CH": "Europe/Zurich", "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen",
		"FI": "Europe/Helsinki", "FR": "Europe/Paris", "GB": "Europe/London", "GR": "Europe/Athens", "IE": "Europe/Dublin", "IN": "Asia/Kolkata",
		"IT": "Europe/Rome", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "PL": "Europe/Warsaw", "SE": "Europe/Stockholm", "ZA": "Africa/Johannesburg",
	}[country]
}
