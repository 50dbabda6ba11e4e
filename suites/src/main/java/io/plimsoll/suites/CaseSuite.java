package io.plimsoll.suites;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What all suites have in common: files are cut into cases, and a case that cannot be read fails
 * alone.
 */
abstract class CaseSuite implements Suite {
  /**
   * One case, not yet understood.
   *
   * @param id its own, else where it stands
   */
  record Entry(String id, Json json) {}

  /** The cases of a file; what is refused here is refused of the whole file. */
  List<Entry> entries(CaseFiles.CaseFile file) throws InvalidFormatException {
    return entries(file.content().only("cases").get("cases"));
  }

  /** The elements of an array, each with its member {@code id}. */
  static List<Entry> entries(Json cases) throws InvalidFormatException {
    List<Entry> entries = new ArrayList<>();
    for (Json json : cases.list()) {
      String id;
      try {
        id = json.get("id").text();
      } catch (InvalidFormatException e) {
        id = json.place();
      }
      entries.add(new Entry(id, json));
    }
    return entries;
  }

  /** Computes cases, one for each entry in order, under one model as far as possible. */
  abstract List<SuiteCase> compute(List<Entry> entries) throws InvalidFormatException;

  @Override
  public final List<SuiteCase> read(Path path) throws InvalidFormatException, IOException {
    return compute(load(path));
  }

  @Override
  public final List<SuiteCase> readEach(Path path) throws InvalidFormatException, IOException {
    List<Entry> entries = load(path);
    Map<Entry, SuiteCase> done = new LinkedHashMap<>();
    entries.forEach(entry -> done.put(entry, null));
    attempt(entries, done);
    List<Entry> readable = entries.stream().filter(e -> done.get(e).failure().isEmpty()).toList();
    if (readable.size() < entries.size() && !readable.isEmpty()) {
      // Together again, to share one model.
      attempt(readable, done);
    }
    return List.copyOf(done.values());
  }

  private List<Entry> load(Path path) throws InvalidFormatException, IOException {
    List<Entry> entries = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (CaseFiles.CaseFile file : CaseFiles.read(path)) {
      for (Entry entry : entries(file)) {
        if (!ids.add(entry.id())) {
          throw new InvalidFormatException(
              "case '" + Json.printable(entry.id()) + "' occurs twice");
        }
        entries.add(entry);
      }
    }
    if (entries.isEmpty()) {
      throw new InvalidFormatException("there is no case to run");
    }
    return entries;
  }

  /** All together, else by halves, so that few bad cases cost few attempts. */
  private void attempt(List<Entry> entries, Map<Entry, SuiteCase> done) {
    String reason;
    try {
      List<SuiteCase> computed = compute(entries);
      for (int i = 0; i < entries.size(); i++) {
        done.put(entries.get(i), computed.get(i));
      }
      return;
    } catch (InvalidFormatException e) {
      reason = e.getMessage();
    } catch (RuntimeException e) {
      // Arithmetic on figures that make no sense, for example a division by a price of zero.
      reason = "cannot be computed: " + e;
    }
    if (entries.size() == 1) {
      done.put(entries.get(0), SuiteCase.failed(entries.get(0).id(), reason));
      return;
    }
    int half = entries.size() / 2;
    attempt(entries.subList(0, half), done);
    attempt(entries.subList(half, entries.size()), done);
  }
}
