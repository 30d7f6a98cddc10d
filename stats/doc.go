// Package stats has the statistics that a verdict rests on. It knows no models,
// files or rules: numbers go in, numbers come out.
//
//	what is asked                     file            what answers
//	--------------------------------  --------------  -------------------------------------------
//	a distribution                    normal.go       Normal
//	                                  student.go      Student's t, chi-square, F
//	                                  beta.go         beta
//	                                  binomial.go     binomial and hypergeometric tails, also in logs
//	                                  noncentral.go   noncentral chi-square
//	                                  kolmogorov.go   Kolmogorov-Smirnov, one sample
//	one share of rows                 proportion.go   Wilson, Clopper-Pearson, exact test
//	two answers to each row,          mcnemar.go      McNemar in its five forms
//	each right or wrong               tango.go        Tango's score test and interval
//	                                  exact.go        unconditional test for few rows
//	                                  evidence.go     Paired: which test serves; rows needed; zero flips
//	                                  power.go        what a paired set of rows can detect
//	shares of two sets of rows        unpaired.go     Newcombe, Miettinen-Nurminen
//	area under the ROC curve          delong.go       DeLong from sums of placements; Welch; Hanley-McNeil
//	a number with a standard error    estimate.go     Estimate: interval and tests of it
//	means, and functions of means     moments.go      Moments, Pair: merged sums; RMSE
//	                                  weighted.go     means of weighted and of grouped rows
//	any function of a table of cells  cells.go        delta method: plain, weighted, grouped
//	                                  bootstrap.go    multinomial bootstrap of the cells
//	                                  swap.go         exact test by swapping the two models' answers
//	calibration                       calibration.go  debiased binned error
//	values around a centre            rank.go         Hodges-Lehmann, signed rank
//	many tests at once                adjust.go       Holm, Benjamini-Hochberg
//	whether counts differ             tables.go       Fisher, chi-square, Cramer's V
//	whether two samples differ        samples.go      Kolmogorov-Smirnov, Wasserstein
//	how far two sets of counts are    distance.go     PSI, Jensen-Shannon, Hellinger, total variation
//
// # What is said where nothing can be
//
// Data never makes a function panic. A function of data that has no answer gives
// NaN and an error: ErrUndefined where there is too little data or none of it
// varies, ErrInvalid where no data could look so (a negative count, a NaN). A
// distribution's function of an impossible argument is NaN. No p-value is small
// unless the data make it so.
//
// # Units and names
//
// Shares, levels, margins and p-values are fractions: .05, not 5. A test's P is
// one-sided where its name says in which direction. Intervals are two-sided and
// Level is what they cover: .95 leaves .025 beyond each end.
package stats
