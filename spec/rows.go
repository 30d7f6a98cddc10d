package spec

const rowsDoc = "A function without arguments that returns the rows as Arrow, pandas or Polars, looked for from the directory of this file and run by your own interpreter."

// rowsShape is a function that gives the evaluation set.
func rowsShape() *shape {
	return &shape{kind: oneOfShape, wants: "package.module:function, or a map with call", doc: rowsDoc, either: []*shape{
		functionShape(rowsDoc),
		{kind: objectShape, wants: "a map with call", fields: []field{
			{name: "call", required: required, shape: functionShape(rowsDoc)},
			{name: "interpreter", shape: interpreterShape()},
			{name: "timeout", shape: timeoutShape("the function")},
		}},
	}}
}

// rows reads data.eval.python; nil where there is none that can be used.
func (d *decoder) rows(n *node) *Rows {
	f := n.field("python")
	switch {
	case n.entry("python") != nil && n.entry("path") != nil:
		d.report(n, "python", "path and python are two evaluation sets: name one")
		return nil
	case f == nil:
		return nil
	case d.spec.fence != nil:
		d.bad(f, "python: "+refusedText+"it runs code", "write the rows to a file and name it as path")
		return nil
	case f.kind == scalarNode:
		call, _ := d.text(f, "python")
		return &Rows{Call: call, Dir: f.at.src.dir, Timeout: DefaultTimeout}
	}
	return &Rows{Call: d.column(f, "call"), Dir: f.at.src.dir, Interpreter: d.interpreter(f), Timeout: d.timeout(f)}
}
