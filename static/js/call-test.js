// Camera, microphone, sound and connection, tried in the browser. Nothing is recorded or sent: what was
// found goes into one hidden field as names and states, and leaves with the reader's own answer.
(() => {
  "use strict";
  const IN_APP = /FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|Snapchat|TikTok|musical_ly|; wv\)/i;
  const TONES = { ok: "good", denied: "bad", missing: "bad", busy: "bad", failed: "bad", silent: "warn", slow: "warn" };
  const AUDIBLE = 8;
  const SLOW = 400;

  const place = document.getElementById("call-test");
  if (!place) return;
  const words = JSON.parse(document.getElementById("call-test-words").textContent);
  const found = {};
  let streams = [];
  let sound = null;

  const part = (code, name) => place.querySelector("[data-check=" + code + "] [data-" + name + "]");

  const say = (code, state) => {
    const badge = part(code, "state");
    badge.textContent = words.state[state];
    badge.className = "badge badge-" + (TONES[state] || "plain");
    const advice = part(code, "advice");
    advice.textContent = words.advice[code + "." + state] || words.advice[state] || "";
    advice.hidden = !advice.textContent;
    if (state === "waiting" || state === "trying") return;
    found[code] = state;
    document.querySelector("[data-found]").value = Object.entries(found).map((one) => one.join(":")).join(",");
  };

  const warn = (text) => {
    const box = place.querySelector("[data-trouble]");
    box.textContent = text;
    box.hidden = false;
  };

  const reason = (error) =>
    ({ NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing" })[
      error.name
    ] || "busy";

  // Asked one by one: a missing camera must not hide a microphone that works.
  const open = async (code, wanted) => {
    say(code, "trying");
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      streams.push(stream);
      return stream;
    } catch (error) {
      say(code, reason(error));
      return null;
    }
  };

  const tryCamera = async () => {
    const stream = await open("camera", { video: true });
    if (!stream) return;
    const picture = part("camera", "picture");
    picture.srcObject = stream;
    picture.hidden = false;
    say("camera", "ok");
  };

  const listener = () => {
    sound = sound || new (window.AudioContext || window.webkitAudioContext)();
    if (sound.state === "suspended") sound.resume();
    return sound;
  };

  const tryMicrophone = async () => {
    const stream = await open("microphone", { audio: true });
    if (!stream) return;
    const level = part("microphone", "level");
    level.hidden = false;
    const analyser = listener().createAnalyser();
    analyser.fftSize = 512;
    listener().createMediaStreamSource(stream).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    say("microphone", "silent");
    const listen = () => {
      analyser.getByteTimeDomainData(samples);
      let loudest = 0;
      for (const one of samples) loudest = Math.max(loudest, Math.abs(one - 128));
      level.value = Math.min(100, Math.round((loudest / 128) * 160));
      if (level.value >= AUDIBLE && found.microphone !== "ok") say("microphone", "ok");
      if (stream.active) window.setTimeout(listen, 80);
    };
    listen();
  };

  const play = () => {
    const context = listener();
    const begin = context.currentTime;
    [440, 554, 659].forEach((pitch, n) => {
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, begin + n * 0.35);
      volume.gain.exponentialRampToValueAtTime(0.2, begin + n * 0.35 + 0.05);
      volume.gain.exponentialRampToValueAtTime(0.0001, begin + n * 0.35 + 0.33);
      tone.connect(volume).connect(context.destination);
      tone.start(begin + n * 0.35);
      tone.stop(begin + n * 0.35 + 0.34);
    });
    part("speaker", "asked").hidden = false;
  };

  // To our own server and back, a few times; the middle one counts.
  const tryConnection = async () => {
    say("connection", "trying");
    const times = [];
    for (let n = 0; n < 5; n += 1) {
      const began = performance.now();
      try {
        const answer = await fetch(place.dataset.probe, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
        if (answer.ok) times.push(performance.now() - began);
      } catch {
        continue;
      }
    }
    if (times.length < 3) say("connection", "failed");
    else say("connection", times.sort((a, b) => a - b)[Math.floor(times.length / 2)] > SLOW ? "slow" : "ok");
  };

  const stop = () => {
    for (const stream of streams) for (const track of stream.getTracks()) track.stop();
    streams = [];
  };

  const start = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    place.querySelector("[data-trouble]").hidden = true;
    stop();
    const connection = tryConnection();
    part("speaker", "sound").hidden = false;
    if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
      await tryCamera();
      await tryMicrophone();
      if (IN_APP.test(navigator.userAgent) && found.camera !== "ok") warn(words.advice.in_app);
    } else {
      say("camera", "failed");
      say("microphone", "failed");
      for (const code of ["camera", "microphone"]) part(code, "advice").hidden = true;
      warn(IN_APP.test(navigator.userAgent) ? words.advice.in_app : words.advice.unsupported);
    }
    await connection;
    button.disabled = false;
  };

  place.querySelector("[data-start]").addEventListener("click", start);
  place.querySelector("[data-play]").addEventListener("click", play);
  place.querySelector("[data-heard]").addEventListener("click", () => say("speaker", "ok"));
  place.querySelector("[data-unheard]").addEventListener("click", () => say("speaker", "silent"));
  window.addEventListener("pagehide", stop);
})();
