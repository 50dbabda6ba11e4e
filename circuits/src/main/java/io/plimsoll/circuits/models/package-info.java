/**
 * Model families: a venue's rule for any shape, each in one file. Formulas, scales and bounds are
 * in {@code docs/models.md}.
 */
package io.plimsoll.circuits.models;
