// Package gatetest holds what tests of several packages share: a conformance
// suite for each port, and the rule of who imports whom.
package gatetest
