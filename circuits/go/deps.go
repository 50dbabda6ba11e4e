package circuits

import _ "google.golang.org/protobuf/encoding/protowire"
