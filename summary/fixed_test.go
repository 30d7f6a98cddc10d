package summary

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestFixedCutsOff holds a fixed number to the double that it was made of, in
// units of 2^-64, cut off.
func TestFixedCutsOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := math.Abs(rapid.OneOf(rapid.Float64Range(0, 1), rapid.Float64Range(0, 64), rapid.Float64Range(0, 0x1p63),
			rapid.Float64Range(0x1p63, math.Nextafter(0x1p64, 0)), rapid.Just(0x1p63), rapid.Just(0.5), rapid.Just(5e-324)).Draw(t, "x"))
		want, _ := new(big.Float).SetMantExp(big.NewFloat(x), 64).Int(nil)
		f := toFixed(x)
		got := new(big.Int).Lsh(new(big.Int).SetUint64(f.whole), 64)
		if got.Add(got, new(big.Int).SetUint64(f.part)); got.Cmp(want) != 0 {
			t.Fatalf("%v became %v units, want %v", x, got, want)
		}
	})
}
