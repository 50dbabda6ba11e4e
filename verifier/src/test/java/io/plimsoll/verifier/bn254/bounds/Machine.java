package io.plimsoll.verifier.bn254.bounds;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.IincInsnNode;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.MultiANewArrayInsnNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;
import org.objectweb.asm.tree.TypeInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Runs the compiled arithmetic of BN254 on {@link Form forms}: every {@code long} is an interval of
 * integers, everything else is what it is. One run proves, for all inputs inside the intervals that
 * it starts with, that no long overflows where that would matter: where it is shifted right, goes
 * into {@code Math.multiplyHigh}, or is kept in a field. It knows the instructions, not the
 * methods: whatever the package's code becomes, this is the code that is checked. It stops at an
 * instruction that it does not know and wherever the code would look at a number that is not known.
 *
 * <p>Methods in {@link #summaries} are not entered; what they promise is checked at every call and
 * proven by itself.
 */
public final class Machine {
  private static final String PACKAGE = "io/plimsoll/verifier/bn254/";
  private static final String FP = PACKAGE + "Fp";

  /** An element that mixes more than this many is made one of its own. */
  private static final int MAX_MIXED = 6;

  /** What is done instead of entering a method. */
  @FunctionalInterface
  public interface Summary {
    Object call(List<Object> arguments);
  }

  /** An object of the package, with its fields by name. */
  public static final class Obj {
    final String type;
    final Map<String, Object> fields = new HashMap<>();

    Obj(String type) {
      this.type = type;
    }

    /** The class's internal name. */
    public String type() {
      return type;
    }

    /** Whether there is such a field. */
    public boolean has(String name) {
      return fields.containsKey(name);
    }
  }

  private final Map<String, ClassNode> classes = new HashMap<>();
  private final Map<String, Object> statics = new HashMap<>();
  private final IdentityHashMap<Object, Object> imported = new IdentityHashMap<>();

  /** By owner's simple name, method and descriptor: {@code Fp.tidy()V}. */
  private final Map<String, Summary> summaries = new HashMap<>();

  /** Every method that was entered, by owner's simple name, with its descriptor. */
  private final Set<String> entered = new TreeSet<>();

  private String where = "";

  public void summarize(String method, Summary summary) {
    summaries.put(method, summary);
  }

  public Set<String> entered() {
    return entered;
  }

  // Values

  /** A new element of Fp with such limbs. */
  public Obj fp(Element element) {
    Obj fp = new Obj(FP);
    for (int i = 0; i < Element.LIMBS; i++) {
      fp.fields.put("l" + i, element.limb(i));
    }
    return fp;
  }

  /** The limbs of an element of Fp. */
  public static List<Form> limbs(Obj fp) {
    List<Form> limbs = new ArrayList<>();
    for (int i = 0; i < Element.LIMBS; i++) {
      limbs.add((Form) fp.fields.get("l" + i));
    }
    return limbs;
  }

  /** The interval of an element's number. */
  public static Interval value(Obj fp) {
    Form sum = Form.ZERO;
    List<Form> limbs = limbs(fp);
    for (int i = 0; i < Element.LIMBS; i++) {
      sum = sum.plus(limbs.get(i).times(Element.weight(i)), 1);
    }
    return sum.valueRange();
  }

  /** Puts another element into an object of Fp. */
  public void set(Obj fp, Element element) {
    for (int i = 0; i < Element.LIMBS; i++) {
      fp.fields.put("l" + i, element.limb(i));
    }
  }

  /** A new object of a class of the package with its fields at zero, made by no constructor. */
  public Obj blank(String simpleName) {
    return allocate(PACKAGE + simpleName);
  }

  public Object field(Obj object, String name) {
    if (!object.fields.containsKey(name)) {
      throw new BoundsException(object.type + " has no field " + name);
    }
    return object.fields.get(name);
  }

  public void setField(Obj object, String name, Object value) {
    field(object, name);
    object.fields.put(name, value);
  }

  private Obj allocate(String type) {
    Obj object = new Obj(type);
    ClassNode node = node(type);
    while (node != null) {
      for (FieldNode field : node.fields) {
        if ((field.access & Opcodes.ACC_STATIC) == 0) {
          object.fields.put(field.name, zero(field.desc));
        }
      }
      node = node.superName.startsWith(PACKAGE) ? node(node.superName) : null;
    }
    return object;
  }

  private static Object zero(String descriptor) {
    return switch (descriptor.charAt(0)) {
      case 'J' -> Form.ZERO;
      case 'Z', 'B', 'C', 'S', 'I' -> 0;
      default -> null;
    };
  }

  /** A real object, with every long in it a known number. */
  public Object adopt(Object real) {
    if (real == null || real instanceof Integer) {
      return real;
    }
    if (real instanceof Long value) {
      return Form.of(value);
    }
    if (real instanceof Boolean value) {
      return value ? 1 : 0;
    }
    Object known = imported.get(real);
    if (known != null) {
      return known;
    }
    if (real.getClass().isArray()) {
      Object[] array = new Object[Array.getLength(real)];
      imported.put(real, array);
      for (int i = 0; i < array.length; i++) {
        Object entry = Array.get(real, i);
        array[i] = entry instanceof Byte b ? (Object) b.intValue() : adopt(entry);
      }
      return array;
    }
    String type = Type.getInternalName(real.getClass());
    if (!type.startsWith(PACKAGE)) {
      return real;
    }
    Obj object = allocate(type);
    imported.put(real, object);
    for (Class<?> c = real.getClass(); c != Object.class; c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          object.fields.put(field.getName(), adopt(read(field, real)));
        }
      }
    }
    return object;
  }

  private static Object read(Field field, Object owner) {
    try {
      field.setAccessible(true);
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  // Classes

  ClassNode node(String type) {
    return classes.computeIfAbsent(
        type,
        key -> {
          try (InputStream in = Machine.class.getResourceAsStream("/" + key + ".class")) {
            ClassNode node = new ClassNode();
            new ClassReader(in).accept(node, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
            return node;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private MethodNode method(String owner, String name, String descriptor) {
    String type = owner;
    while (type.startsWith(PACKAGE)) {
      ClassNode node = node(type);
      for (MethodNode method : node.methods) {
        if (method.name.equals(name) && method.desc.equals(descriptor)) {
          return method;
        }
      }
      type = node.superName;
    }
    throw new BoundsException("no method " + owner + "." + name + descriptor);
  }

  /** Gives a constant of the package another value, by its owner's simple name. */
  public void setStatic(String simpleName, String name, Object value) {
    statics.put(PACKAGE + simpleName + "." + name, value);
  }

  private Object staticField(String owner, String name) {
    if (name.equals("$assertionsDisabled")) {
      return 1;
    }
    return statics.computeIfAbsent(
        owner + "." + name,
        key -> {
          try {
            Class<?> type = Class.forName(owner.replace('/', '.'));
            return adopt(read(type.getDeclaredField(name), null));
          } catch (ReflectiveOperationException e) {
            throw new BoundsException("no field " + key);
          }
        });
  }

  /**
   * All methods of the package that compute with longs or combine elements, by owner's simple name,
   * with their descriptors.
   */
  public Set<String> methodsWithLongArithmetic() throws IOException, URISyntaxException {
    return methods(true);
  }

  /** Those of them that combine elements, and compute with no long themselves. */
  public Set<String> methodsWithoutLongArithmetic() throws IOException, URISyntaxException {
    Set<String> found = methods(true);
    found.removeAll(methods(false));
    return found;
  }

  private Set<String> methods(boolean combining) throws IOException, URISyntaxException {
    Set<String> found = new TreeSet<>();
    URI folder = Machine.class.getResource("/" + FP + ".class").toURI().resolve(".");
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.endsWith(".class")) {
          continue;
        }
        ClassNode node = node(PACKAGE + name.substring(0, name.length() - 6));
        for (MethodNode method : node.methods) {
          for (AbstractInsnNode at : method.instructions) {
            boolean combines =
                combining
                    && at instanceof MethodInsnNode call
                    && FIELDS.contains(call.owner)
                    && call.desc.contains(FP)
                    && call.desc.endsWith(")V");
            if (combines || ARITHMETIC.contains(at.getOpcode())) {
              found.add(node.name.substring(PACKAGE.length()) + "." + method.name + method.desc);
            }
          }
        }
      }
    }
    return found;
  }

  private static final Set<String> FIELDS =
      Set.of(FP, FP + "2", FP + "6", FP + "12", PACKAGE + "Tower", PACKAGE + "Wide");

  private static final Set<Integer> ARITHMETIC =
      Set.of(
          Opcodes.LADD,
          Opcodes.LSUB,
          Opcodes.LMUL,
          Opcodes.LNEG,
          Opcodes.LSHL,
          Opcodes.LSHR,
          Opcodes.LUSHR);

  // Running

  /**
   * Runs a method of the package by its simple name; there must be one with so many parameters.
   *
   * @param arguments the receiver first, unless the method is static
   */
  public Object run(String simpleName, String name, Object... arguments) {
    return run(simpleName, name, null, arguments);
  }

  /** As the other, for a name that the descriptor has to tell apart. */
  public Object run(String simpleName, String name, String descriptor, Object... arguments) {
    String owner = PACKAGE + simpleName;
    MethodNode found = null;
    for (MethodNode method : node(owner).methods) {
      boolean fits = descriptor == null || method.desc.equals(descriptor);
      int parameters = Type.getArgumentTypes(method.desc).length;
      int receiver = (method.access & Opcodes.ACC_STATIC) == 0 ? 1 : 0;
      if (method.name.equals(name) && fits && parameters + receiver == arguments.length) {
        if (found != null) {
          throw new BoundsException("two methods " + simpleName + "." + name);
        }
        found = method;
      }
    }
    if (found == null) {
      throw new BoundsException("no method " + simpleName + "." + name);
    }
    return enter(owner, found, List.of(arguments));
  }

  /** Runs a method that has a summary. */
  Object runUnsummarized(String simpleName, String name, Object... arguments) {
    return run(simpleName, name, arguments);
  }

  private Object call(String owner, String name, String descriptor, List<Object> arguments) {
    if (name.equals("multiplyHigh") && owner.equals("java/lang/Math")) {
      return multiplyHigh((Form) arguments.get(0), (Form) arguments.get(1));
    }
    if (owner.equals("java/lang/Math") && name.equals("min") && descriptor.equals("(II)I")) {
      return Math.min((Integer) arguments.get(0), (Integer) arguments.get(1));
    }
    if (owner.equals("java/lang/invoke/VarHandle") && name.endsWith("Fence")) {
      return null;
    }
    if (name.equals("arraycopy") && owner.equals("java/lang/System")) {
      System.arraycopy(
          arguments.get(0),
          (Integer) arguments.get(1),
          arguments.get(2),
          (Integer) arguments.get(3),
          (Integer) arguments.get(4));
      return null;
    }
    if (name.equals("<init>") && owner.equals("java/lang/Object")) {
      return null;
    }
    if (name.equals("<init>") && owner.equals("java/lang/Record")) {
      return null;
    }
    if (LISTS.contains(owner)) {
      return callList(name, arguments);
    }
    if (!owner.startsWith(PACKAGE)) {
      throw new BoundsException(where + ": calls " + owner + "." + name);
    }
    Summary summary = summaries.get(owner.substring(PACKAGE.length()) + "." + name + descriptor);
    return summary != null
        ? summary.call(arguments)
        : enter(owner, method(owner, name, descriptor), arguments);
  }

  private static final Set<String> LISTS = Set.of("java/util/List", "java/util/ArrayList");

  /** Lists are real ones, of whatever the code puts into them. */
  @SuppressWarnings("unchecked")
  private Object callList(String name, List<Object> arguments) {
    if (name.equals("of") && arguments.isEmpty()) {
      return List.of();
    }
    List<Object> list = (List<Object>) arguments.get(0);
    return switch (name) {
      case "size" -> list.size();
      case "get" -> list.get((Integer) arguments.get(1));
      case "add" -> list.add(arguments.get(1)) ? 1 : 0;
      default -> throw new BoundsException(where + ": calls List." + name);
    };
  }

  private Form multiplyHigh(Form x, Form y) {
    return x.requireLong(where + ": factor")
        .times(y.requireLong(where + ": factor"))
        .floorShift(64);
  }

  private Object enter(String owner, MethodNode method, List<Object> arguments) {
    String outside = where;
    where = owner.substring(PACKAGE.length()) + "." + method.name;
    entered.add(where + method.desc);
    try {
      return interpret(method, arguments);
    } finally {
      where = outside;
    }
  }

  private Object interpret(MethodNode method, List<Object> arguments) {
    Object[] locals = new Object[method.maxLocals];
    int slot = 0;
    for (Object argument : arguments) {
      locals[slot] = argument;
      slot += argument instanceof Form ? 2 : 1;
    }
    Stack stack = new Stack();
    AbstractInsnNode at = method.instructions.getFirst();
    while (true) {
      int opcode = at.getOpcode();
      AbstractInsnNode next = at.getNext();
      if (opcode < 0) {
        at = next;
        continue;
      }
      if (at instanceof VarInsnNode variable) {
        if (opcode >= Opcodes.ISTORE) {
          locals[variable.var] = stack.pop();
        } else {
          stack.push(locals[variable.var]);
        }
      } else if (at instanceof IincInsnNode increment) {
        locals[increment.var] = (Integer) locals[increment.var] + increment.incr;
      } else if (at instanceof IntInsnNode number) {
        if (opcode == Opcodes.NEWARRAY) {
          stack.push(newArray(stack.popInt(), number.operand == Opcodes.T_LONG ? "J" : "I"));
        } else {
          stack.push(number.operand);
        }
      } else if (at instanceof LdcInsnNode constant) {
        stack.push(constant.cst instanceof Long value ? Form.of(value) : constant.cst);
      } else if (at instanceof JumpInsnNode jump) {
        if (jumps(opcode, stack)) {
          next = jump.label;
        }
      } else if (at instanceof TableSwitchInsnNode table) {
        int key = stack.popInt();
        next =
            key >= table.min && key <= table.max ? table.labels.get(key - table.min) : table.dflt;
      } else if (at instanceof LookupSwitchInsnNode lookup) {
        int index = lookup.keys.indexOf(stack.popInt());
        next = index >= 0 ? lookup.labels.get(index) : lookup.dflt;
      } else if (at instanceof FieldInsnNode field) {
        access(opcode, field, stack);
      } else if (at instanceof MethodInsnNode call) {
        invoke(opcode, call, stack);
      } else if (at instanceof TypeInsnNode type) {
        switch (opcode) {
          case Opcodes.NEW -> {
            if (!type.desc.startsWith(PACKAGE)) {
              throw new BoundsException(where + ": makes a " + type.desc);
            }
            stack.push(allocate(type.desc));
          }
          case Opcodes.ANEWARRAY -> stack.push(newArray(stack.popInt(), "L"));
          case Opcodes.CHECKCAST -> {}
          default -> throw unknown(opcode);
        }
      } else if (at instanceof MultiANewArrayInsnNode) {
        throw unknown(opcode);
      } else if (at instanceof InsnNode) {
        if (opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
          return opcode == Opcodes.RETURN ? null : stack.pop();
        }
        simple(opcode, stack);
      } else {
        throw unknown(opcode);
      }
      at = next;
    }
  }

  private static Object[] newArray(int length, String descriptor) {
    Object[] array = new Object[length];
    java.util.Arrays.fill(array, zero(descriptor));
    return array;
  }

  private BoundsException unknown(int opcode) {
    return new BoundsException(where + ": instruction " + opcode + " is not known here");
  }

  private boolean jumps(int opcode, Stack stack) {
    if (opcode == Opcodes.GOTO) {
      return true;
    }
    if (opcode == Opcodes.IFNULL || opcode == Opcodes.IFNONNULL) {
      return (stack.pop() == null) == (opcode == Opcodes.IFNULL);
    }
    if (opcode == Opcodes.IF_ACMPEQ || opcode == Opcodes.IF_ACMPNE) {
      boolean same = isSame(stack.pop(), stack.pop());
      return same == (opcode == Opcodes.IF_ACMPEQ);
    }
    int right = opcode >= Opcodes.IF_ICMPEQ ? stack.popInt() : 0;
    int left = stack.popInt();
    return switch (opcode) {
      case Opcodes.IFEQ, Opcodes.IF_ICMPEQ -> left == right;
      case Opcodes.IFNE, Opcodes.IF_ICMPNE -> left != right;
      case Opcodes.IFLT, Opcodes.IF_ICMPLT -> left < right;
      case Opcodes.IFGE, Opcodes.IF_ICMPGE -> left >= right;
      case Opcodes.IFGT, Opcodes.IF_ICMPGT -> left > right;
      case Opcodes.IFLE, Opcodes.IF_ICMPLE -> left <= right;
      default -> throw unknown(opcode);
    };
  }

  @SuppressWarnings("ReferenceEquality") // That is what the instruction compares.
  private static boolean isSame(Object x, Object y) {
    return x == y;
  }

  private void access(int opcode, FieldInsnNode field, Stack stack) {
    switch (opcode) {
      case Opcodes.GETSTATIC -> stack.push(staticField(field.owner, field.name));
      case Opcodes.GETFIELD -> stack.push(field((Obj) stack.pop(), field.name));
      case Opcodes.PUTFIELD -> {
        Object value = stack.pop();
        Obj owner = (Obj) stack.pop();
        if (value instanceof Form form) {
          form.requireLong(where + ": " + field.name);
        }
        setField(owner, field.name, value);
        if (owner.type.equals(FP) && field.name.equals("l4")) {
          settle(owner);
        }
      }
      default -> throw unknown(opcode);
    }
  }

  /** Makes an element that carried, or that mixes many, one of its own. */
  private void settle(Obj fp) {
    for (Form limb : limbs(fp)) {
      int mixed = limb.elementCount();
      if (mixed < 0 || mixed > MAX_MIXED) {
        set(fp, new Element(limbs(fp).stream().map(Form::range).toList(), value(fp)));
        return;
      }
    }
  }

  private void invoke(int opcode, MethodInsnNode call, Stack stack) {
    int count = Type.getArgumentTypes(call.desc).length;
    if (opcode != Opcodes.INVOKESTATIC) {
      count++;
    }
    Object[] arguments = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      arguments[i] = stack.pop();
    }
    String owner = call.owner;
    if (opcode == Opcodes.INVOKEVIRTUAL || opcode == Opcodes.INVOKEINTERFACE) {
      if (arguments[0] instanceof Object[] array && call.name.equals("clone")) {
        stack.push(array.clone());
        return;
      }
      if (arguments[0] instanceof Obj receiver) {
        owner = receiver.type;
      }
    }
    Object result = call(owner, call.name, call.desc, java.util.Arrays.asList(arguments));
    if (!call.desc.endsWith(")V")) {
      stack.push(result);
    }
  }

  private void simple(int opcode, Stack stack) {
    if (opcode >= Opcodes.ICONST_M1 && opcode <= Opcodes.ICONST_5) {
      stack.push(opcode - Opcodes.ICONST_0);
      return;
    }
    switch (opcode) {
      case Opcodes.NOP -> {}
      case Opcodes.ACONST_NULL -> stack.push(null);
      case Opcodes.LCONST_0, Opcodes.LCONST_1 -> stack.push(Form.of(opcode - Opcodes.LCONST_0));
      case Opcodes.IALOAD, Opcodes.LALOAD, Opcodes.AALOAD, Opcodes.BALOAD -> {
        int index = stack.popInt();
        stack.push(((Object[]) stack.pop())[index]);
      }
      case Opcodes.IASTORE, Opcodes.LASTORE, Opcodes.AASTORE, Opcodes.BASTORE -> {
        Object value = stack.pop();
        int index = stack.popInt();
        if (value instanceof Form form) {
          form.requireLong(where + ": array entry");
        }
        ((Object[]) stack.pop())[index] = value;
      }
      case Opcodes.ARRAYLENGTH -> stack.push(((Object[]) stack.pop()).length);
      case Opcodes.POP -> stack.pop();
      case Opcodes.POP2 -> {
        if (!(stack.pop() instanceof Form)) {
          stack.pop();
        }
      }
      case Opcodes.DUP -> stack.push(stack.peek());
      case Opcodes.DUP_X1 -> {
        Object top = stack.pop();
        Object second = stack.pop();
        stack.push(top);
        stack.push(second);
        stack.push(top);
      }
      case Opcodes.DUP2 -> {
        Object top = stack.pop();
        if (top instanceof Form) {
          stack.push(top);
          stack.push(top);
        } else {
          Object second = stack.peek();
          stack.push(top);
          stack.push(second);
          stack.push(top);
        }
      }
      case Opcodes.DUP2_X1 -> {
        Object top = stack.pop();
        Object second = stack.pop();
        if (!(top instanceof Form)) {
          throw unknown(opcode);
        }
        stack.push(top);
        stack.push(second);
        stack.push(top);
      }
      case Opcodes.I2L -> stack.push(Form.of(stack.popInt()));
      case Opcodes.L2I -> stack.push((int) stack.popForm().constantValue());
      case Opcodes.I2B -> stack.push((int) (byte) stack.popInt());
      case Opcodes.INEG -> stack.push(-stack.popInt());
      case Opcodes.LNEG -> stack.push(Form.ZERO.plus(stack.popForm(), -1));
      case Opcodes.LCMP -> {
        Form right = stack.popForm();
        Form left = stack.popForm();
        // Unknown numbers are told apart, the first being larger.
        stack.push(
            left.isConstant() && right.isConstant()
                ? Long.compare(left.constantValue(), right.constantValue())
                : 1);
      }
      case Opcodes.LSHL -> {
        int bits = stack.popInt();
        stack.push(stack.popForm().shiftLeft(bits));
      }
      case Opcodes.LSHR -> {
        int bits = stack.popInt();
        stack.push(stack.popForm().requireLong(where + ": shifted").floorShift(bits));
      }
      default -> binary(opcode, stack);
    }
  }

  private void binary(int opcode, Stack stack) {
    Object second = stack.pop();
    Object first = stack.pop();
    if (first instanceof Form x && second instanceof Form y) {
      stack.push(
          switch (opcode) {
            case Opcodes.LADD -> x.plus(y, 1);
            case Opcodes.LSUB -> x.plus(y, -1);
            case Opcodes.LMUL -> x.times(y);
            case Opcodes.LAND -> masked(x, y);
            case Opcodes.LOR, Opcodes.LXOR -> Form.anyLong();
            default -> throw unknown(opcode);
          });
      return;
    }
    int left = (Integer) first;
    int right = (Integer) second;
    stack.push(
        switch (opcode) {
          case Opcodes.IADD -> left + right;
          case Opcodes.ISUB -> left - right;
          case Opcodes.IMUL -> left * right;
          case Opcodes.IDIV -> left / right;
          case Opcodes.IREM -> left % right;
          case Opcodes.ISHL -> left << right;
          case Opcodes.ISHR -> left >> right;
          case Opcodes.IUSHR -> left >>> right;
          case Opcodes.IAND -> left & right;
          case Opcodes.IOR -> left | right;
          case Opcodes.IXOR -> left ^ right;
          default -> throw unknown(opcode);
        });
  }

  private Form masked(Form x, Form y) {
    if (x.isConstant() && !y.isConstant()) {
      return masked(y, x);
    }
    long mask = y.constantValue();
    if (x.isConstant()) {
      return Form.of(x.constantValue() & mask);
    }
    if (mask <= 0 || (mask & (mask + 1)) != 0) {
      throw new BoundsException(where + ": the mask " + Long.toHexString(mask));
    }
    return x.remainder(Long.bitCount(mask));
  }

  /** An operand stack; a long is one entry. */
  private static final class Stack {
    private final List<Object> entries = new ArrayList<>();

    void push(Object value) {
      entries.add(value);
    }

    Object pop() {
      return entries.remove(entries.size() - 1);
    }

    Object peek() {
      return entries.get(entries.size() - 1);
    }

    int popInt() {
      return (Integer) pop();
    }

    Form popForm() {
      return (Form) pop();
    }
  }

  /** 2^270 modulo nothing: what Montgomery's reduction divides by. */
  static final BigInteger MONTGOMERY = BigInteger.ONE.shiftLeft(270);
}
