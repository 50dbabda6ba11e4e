/**
 * Published cases of real venues. A {@link io.plimsoll.suites.Suite} reads a venue's own case
 * format and computes each case with that venue's margin model; {@link
 * io.plimsoll.suites.SuiteRunner} prints the figures beside the published ones and proves a sample.
 */
package io.plimsoll.suites;
