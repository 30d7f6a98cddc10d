package spec

// store reads where baselines are kept; nil if they are not.
func (d *decoder) store(n *node) *Store {
	if n == nil || n.bad {
		return nil
	}
	if !n.has("store") {
		if n.hasAny(modelForms()) {
			d.report(n, "rows", "rows is for store: it says where the answers of an accepted baseline are kept, row by row")
			d.report(n, "anchor", "anchor is for store: no other baseline has one")
		}
		return nil
	}
	d.report(n, "predictions", "predictions and store are two baselines: name one")
	d.report(n, "threshold", "threshold is not for a store: it keeps the one that the baseline was accepted with")
	s := &Store{Path: d.path(n.field("store"), "store"), Rows: d.path(n.field("rows"), "rows"), Anchor: d.anchors(n)}
	if s.Rows != "" && s.Rows == s.Path {
		d.report(n, "rows", "rows and store are the same directory: rows wants one of its own")
	}
	return s
}
