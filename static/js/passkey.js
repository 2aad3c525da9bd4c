// What a passkey's form says when the device says no, and where there is none at all.
(() => {
  "use strict";
  const failed = document.getElementById("passkey_failed");
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    if (failed) failed.hidden = false;
  });
  if (!window.webauthnJSON || !window.webauthnJSON.supported()) {
    for (const id of ["passkey_login", "passkey_add", "passkey_use"]) {
      const button = document.getElementById(id);
      if (button) button.disabled = true;
    }
  }
})();
