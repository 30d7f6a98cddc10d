// Package runqueue tells how long a thread has waited for a processor that others
// had: the part of a time that says nothing of the work.
package runqueue
