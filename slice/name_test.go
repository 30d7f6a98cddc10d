package slice

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func ptr(s string) *string { return &s }

func TestName(t *testing.T) {
	for _, c := range []struct {
		columns []string
		values  []*string
		want    string
	}{
		{nil, nil, ""},
		{[]string{"tier"}, []*string{ptr("enterprise")}, "tier=enterprise"},
		{[]string{"platform", "region"}, []*string{ptr("ios"), ptr("EU west")}, "platform=ios,region=EU west"},
		{[]string{"a"}, []*string{nil}, "a=NULL"},
		{[]string{"a"}, []*string{ptr("NULL")}, "a=%4EULL"},
		{[]string{"a"}, []*string{ptr("null")}, "a=null"},
		{[]string{"a"}, []*string{ptr("NULLS")}, "a=NULLS"},
		{[]string{"a"}, []*string{ptr("")}, "a="},
		{[]string{""}, []*string{ptr("")}, "="},
		{[]string{"NULL"}, []*string{ptr("1")}, "NULL=1"},
		{[]string{"a"}, []*string{ptr("100%, =/*?[x]\\")}, "a=100%25%2C %3D%2F%2A%3F%5Bx%5D%5C"},
		{[]string{"a"}, []*string{ptr(" x ")}, "a=%20x%20"},
		{[]string{"a"}, []*string{ptr(" ")}, "a=%20"},
		{[]string{"a"}, []*string{ptr("  ")}, "a=%20%20"},
		{[]string{"a"}, []*string{ptr("日本 ünï")}, "a=日本 ünï"},
		{[]string{"a"}, []*string{ptr("x\n\x00\u00a0\u200by\xff")}, "a=x%0A%00%C2%A0%E2%80%8By%FF"},
		{[]string{"a"}, []*string{ptr("\ufffd")}, "a=\ufffd"},
	} {
		if got := Name(c.columns, c.values); got != c.want {
			t.Errorf("Name(%q) = %q, want %q", c.columns, got, c.want)
		}
		mustParse(t, c.columns, c.values)
	}
}

type fatal interface{ Fatalf(string, ...any) }

func mustParse(t fatal, columns []string, values []*string) {
	name := Name(columns, values)
	gotColumns, gotValues, err := Parse(name)
	if err != nil || !slices.Equal(gotColumns, columns) || !slices.EqualFunc(gotValues, values, same) {
		t.Fatalf("Parse(%q) = %q, %v", name, gotColumns, err)
	}
}

func same(a, b *string) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

func TestParseRefuses(t *testing.T) {
	for _, name := range []string{"a", "a=1,", ",a=1", "a=1,b", "a=%", "a=%4", "a=%zz", "a=%+1", "a=%41", "a=%2c", "a= x", "a=1=2", "a=x/y", "a=*", "a=%4e", "a=\xff"} {
		if columns, _, err := Parse(name); err == nil {
			t.Errorf("Parse(%q) = %q", name, columns)
		}
	}
}

// drawNames draws texts made mostly of what is encoded.
func drawNames(t *rapid.T, label string) ([]string, []*string) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ %,=/NUL4E25*?\[\]\\]{0,8}`),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }), rapid.SampledFrom([]string{"NULL", "", " ", "%4EULL"}))
	n := rapid.IntRange(1, 3).Draw(t, label)
	columns, values := make([]string, n), make([]*string, n)
	for i := range n {
		columns[i] = text.Draw(t, "column")
		if rapid.IntRange(0, 4).Draw(t, "kind") > 0 {
			values[i] = ptr(text.Draw(t, "value"))
		}
	}
	return columns, values
}

func TestNameRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns, values := drawNames(t, "n")
		mustParse(t, columns, values)
	})
}

func TestNameInjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		aColumns, aValues := drawNames(t, "a")
		bColumns, bValues := drawNames(t, "b")
		equal := slices.Equal(aColumns, bColumns) && slices.EqualFunc(aValues, bValues, same)
		if (Name(aColumns, aValues) == Name(bColumns, bValues)) != equal {
			t.Fatalf("%q and %q: %q", aColumns, bColumns, Name(aColumns, aValues))
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "a=1", "a=%4EULL,b=NULL", "a=%FF", "a=%2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if columns, values, err := Parse(name); err == nil && Name(columns, values) != name {
			t.Errorf("%q parses to what is named %q", name, Name(columns, values))
		}
	})
}
