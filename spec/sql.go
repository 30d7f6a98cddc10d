package spec

import "fmt"

// sqlMetric is the name under which results have such metrics.
const sqlMetric = "sql"

// sqlRule reads a rule whose metric is an SQL expression of its own.
func (d *decoder) sqlRule(e *entry, s scope) (Rule, bool) {
	sql := e.value.field("sql")
	info := MetricInfo{Name: e.key, Better: betterOf(e.value)}
	_, taken := d.info(e.key)
	for _, other := range []string{"metric", "cost"} {
		if m := e.value.entry(other); m != nil {
			d.r.report(m.at, other+" and sql are two metrics: a rule has one")
			return Rule{}, false
		}
	}
	switch {
	case sql == nil || sql.bad:
		return Rule{}, false
	case taken:
		d.r.report(e.at, fmt.Sprintf("%s is a metric of noworse: give the one in sql another name", e.key))
		return Rule{}, false
	case info.Better == "":
		d.r.hint(e.at, fmt.Sprintf("which way is %s better?", e.key), "add better: higher or better: lower; max_drop and max_rise cannot both hold")
		return Rule{}, false
	case !e.value.hasAny(limitKeys) && !e.value.unread && len(e.value.guessed) == 0:
		d.r.report(e.at, fmt.Sprintf("%s needs a limit: max_drop where more is better, max_rise where less is, or min or max", e.key))
		return Rule{}, false
	}
	r := Rule{Key: e.key, Metric: sqlMetric, SQL: sql.text, At: s.path(e.key)}
	return r, d.longRule(e, info, s, &r)
}

// betterOf is the direction that a rule says, or that its limits show; "" if
// they contradict each other.
func betterOf(n *node) Direction {
	if b := n.field("better"); b != nil {
		return Direction(b.text)
	}
	drop, rise := n.names("max_drop") || n.names("max_total_drop"), n.names("max_rise") || n.names("max_total_rise")
	switch {
	case drop && rise:
		return ""
	case drop:
		return Higher
	case rise:
		return Lower
	}
	return Neither
}
