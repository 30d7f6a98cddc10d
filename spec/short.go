package spec

// longForms writes short rules out, so that `accuracy: 0.02` and
// {max_drop: 0.02} are the same to a spec that extends them or is extended.
func (l *loader) longForms(root *node) {
	slices := root.field("slices")
	l.longRules(root.field("metrics"))
	l.longRules(slices.field("rules"))
	if named := slices.field("named"); named != nil {
		for _, e := range named.entries {
			l.longRules(e.value.field("rules"))
		}
	}
}

func (l *loader) longRules(rules *node) {
	if rules == nil {
		return
	}
	for _, e := range rules.entries {
		if e.value.kind != scalarNode || e.value.bad {
			continue
		}
		for _, info := range l.options.Vocabulary {
			if info.Name == e.key && info.Better != Neither {
				e.value = &node{kind: mapNode, short: true, at: e.value.at, entries: []*entry{{key: worsening(info), at: e.value.at, value: e.value}}}
			}
		}
	}
}

// worsening is the key of the margin on a metric's worse side.
func worsening(info MetricInfo) string {
	if info.Better == Lower {
		return "max_rise"
	}
	return "max_drop"
}
